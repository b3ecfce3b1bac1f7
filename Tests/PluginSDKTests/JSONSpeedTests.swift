// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CorralSDK

/// Times of the SDK's JSON beside Foundation's on the same values, for docs/decisions/0004. They judge nothing and run on
/// request only: `CORRAL_MEASURE=1 swift test --filter JSONSpeedTests`, for release
/// `CORRAL_MEASURE=1 swift test -c release -Xswiftc -enable-testing --filter JSONSpeedTests`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["CORRAL_MEASURE"] != nil))
struct JSONSpeedTests {
    struct Bars: Codable, Equatable { var open, high, low, close, adjusted, volume: [Double] }
    struct Row: Codable, Equatable {
        var date: String
        var open, high, low, close: Double
        var isComplete: Bool?
    }

    static let columns = Bars(
        open: cents(1), high: cents(2), low: cents(3), close: cents(4), adjusted: cents(5).map { $0 * 0.987_654_321 },
        volume: cents(6).map { ($0 * 1e6).rounded() })
    static let rows = columns.open.map {
        Row(date: "2020-01-02", open: $0, high: $0 + 1, low: $0 - 1, close: $0, isComplete: true)
    }

    private static func cents(_ seed: UInt64) -> [Double] {
        var random = SplitMix(seed: seed)
        return (0..<5000).map { _ in Double(random.next() % 500_000) / 100 }
    }

    @Test func columnsOfNumbers() throws { try compare("5,000 bars in 6 columns", Self.columns) }

    @Test func listOfRows() throws { try compare("5,000 rows of 6 members", Self.rows) }

    private func compare<Value: Codable & Equatable>(_ what: String, _ value: Value) throws {
        let bytes = try JSONWriter.bytes(of: value, named: "result")
        let data = Data(bytes)
        #expect(try JSONReader.value(Value.self, from: bytes, named: "input") == value)
        print("\(what), \(bytes.count) bytes, best of 7")
        try time("  CorralSDK reads ") { try JSONReader.value(Value.self, from: bytes, named: "input") }
        try time("  Foundation reads ") { try JSONDecoder().decode(Value.self, from: data) }
        try time("  CorralSDK writes ") { try JSONWriter.bytes(of: value, named: "result") }
        try time("  Foundation writes") { try JSONEncoder().encode(value) }
    }

    private func time<Result>(_ label: String, _ body: () throws -> Result) throws {
        var times: [Duration] = []
        for _ in 0..<7 {
            let start = ContinuousClock.now
            _ = try body()
            times.append(ContinuousClock.now - start)
        }
        print(label, times.min() ?? .zero)
    }
}

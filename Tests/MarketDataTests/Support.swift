// SPDX-License-Identifier: Apache-2.0
import CZlib
import Foundation
import MarketBars
import Testing

@testable import MarketData

/// Reads a price file written inside a test.
func history(_ text: String, _ request: PriceFile.Request = .init()) throws -> PriceHistory {
    try PriceFile.read(Array(text.utf8), request)
}

/// The sentence a file is refused with; "" when it is read.
func refusal(_ bytes: [UInt8], _ request: PriceFile.Request = .init()) throws -> String {
    do {
        _ = try PriceFile.read(bytes, request)
        return ""
    } catch let fault as DataFault {
        return fault.message
    }
}

func refusal(_ text: String, _ request: PriceFile.Request = .init()) throws -> String {
    try refusal(Array(text.utf8), request)
}

enum Sample {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func fixture(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: root.appending(path: "Tests/MarketDataTests/Fixtures/\(name)")))
    }

    static func sp500() throws -> [UInt8] {
        try [UInt8](Data(contentsOf: root.appending(path: "Plugins/Flows/market-review/sp500-daily.csv")))
    }
}

/// One gzip member, as `gzip` writes it.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    precondition(deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK)
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
    let written = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
            return target.count - Int(stream.avail_out)
        }
    }
    return Array(output.prefix(written))
}

/// SplitMix64: small, seeded, the same everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

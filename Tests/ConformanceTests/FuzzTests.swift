// SPDX-License-Identifier: Apache-2.0
// FuzzTests: a seed is a promise: the same cases, and a token for each.

import CorralBase
import Testing

@testable import CorralConformance

@Suite struct FuzzTests {
    static let sample = Array(#"{"name":"Ada","times":2,"list":[1,2,3]}"#.utf8)

    @Test func givesTheSameCaseForTheSameSeed() {
        for index in 0..<200 {
            #expect(
                Mutation.body(Self.sample, seed: 0x5EED, index: index)
                    == Mutation.body(Self.sample, seed: 0x5EED, index: index))
        }
    }

    @Test func givesManyCasesOfBothKinds() {
        let bodies = (0..<400).map { Mutation.body(Self.sample, seed: 7, index: $0) }
        let parsed = bodies.filter { (try? JSON(parsing: $0)) != nil }
        #expect(Set(bodies).count > 200)
        #expect(parsed.count > 100 && parsed.count < 380)
        #expect(Set((0..<400).map { Mutation.body(Self.sample, seed: 8, index: $0) }) != Set(bodies))
    }

    @Test func changesWhatIsNoJSONToo() {
        #expect((0..<50).contains { Mutation.body([], seed: 1, index: $0) != [] })
        _ = (0..<200).map { Mutation.body([0xFF], seed: 1, index: $0) }
    }

    @Test(arguments: ["fuzz-5eed-17", "fuzz-0-0", "fuzz-ffffffffffffffff-3-mean", "fuzz-1-2-a-b"])
    func readsTheTokensItWrites(_ text: String) throws {
        #expect(try ReproduceToken(text).description == text)
    }

    @Test(arguments: ["", "fuzz", "fuzz-x-1", "fuzz-1", "fuzz-1--1", "leak-1-2", "fuzz-1-two"])
    func refusesWhatIsNoToken(_ text: String) {
        #expect(throws: CorralError.self) { try ReproduceToken(text) }
    }
}

// SPDX-License-Identifier: Apache-2.0
// ErrorTests: the forms in which errors reach people.

import CorralBase
import Testing

@Suite struct ErrorTests {
    @Test func printsMessageCauseHintAndCode() {
        let error = CorralError(
            ErrorCode(312, "sample"), "cannot start worker for tenant \"acme\"", hint: "run corral doctor",
            cause: "EPERM")
        #expect(
            error.description == """
                error: cannot start worker for tenant "acme": EPERM
                hint: run corral doctor
                code: CRL-0312 · corral explain CRL-0312
                """)
        #expect(CorralError(ErrorCode(7, "x"), "m").description == "error: m\ncode: CRL-0007 · corral explain CRL-0007")
        #expect(ErrorCode(12_345, "x").text == "CRL-12345")
    }

    @Test func printsDiagnosticsAsEditorsReadThem() {
        let place = CorralBase.SourceLocation(file: "flow.yaml", line: 3, column: 9)
        let early = CorralBase.SourceLocation(file: "flow.yaml", line: 2, column: 30)
        let error = Diagnostic(
            .error, ErrorCode(203, "x"), "there is no step \"a\"", at: place, suggestion: "did you mean \"b\"?")
        let warning = Diagnostic(.warning, ErrorCode(211, "y"), "unused", at: early)
        #expect(error.description == "flow.yaml:3:9: error: there is no step \"a\" (did you mean \"b\"?) [CRL-0203]")
        #expect(DiagnosticsError([error, warning]).diagnostics == [warning, error])
    }

    @Test func theGeneratorGivesTheSameNumbersEverywhere() {
        var generator = SeededGenerator(seed: 1_234_567)
        // The reference values of SplitMix64 for this seed.
        #expect(
            (0..<3).map { _ in generator.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }
}

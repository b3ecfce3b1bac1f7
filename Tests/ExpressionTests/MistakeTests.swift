// SPDX-License-Identifier: Apache-2.0
// MistakeTests: what is refused, where, and what the message suggests.

import CorralBase
import CorralExpression
import Testing

@Suite struct MistakeTests {
    struct Mistake: CustomTestStringConvertible {
        let text: String
        let code: ErrorCode
        let column: Int
        var testDescription: String { text }

        init(_ text: String, _ code: ErrorCode, _ column: Int) {
            (self.text, self.code, self.column) = (text, code, column)
        }
    }

    static let unreadable: [Mistake] = [
        Mistake("", .expressionInvalid, 1), Mistake("  ", .expressionInvalid, 3), Mistake("1 +", .expressionInvalid, 4),
        Mistake("(1", .expressionInvalid, 3), Mistake("1)", .expressionInvalid, 2),
        Mistake("[1, 2", .expressionInvalid, 6),
        Mistake("{'a' 1}", .expressionInvalid, 6), Mistake("a = 1", .expressionInvalid, 3),
        Mistake("a & b", .expressionInvalid, 3),
        Mistake("a | b", .expressionInvalid, 3), Mistake("'open", .expressionInvalid, 1),
        Mistake("'two\nlines'", .expressionInvalid, 1),
        Mistake(#"'\q'"#, .expressionInvalid, 2), Mistake(#"'\ud800'"#, .expressionInvalid, 2),
        Mistake(#"b'\u0041'"#, .expressionInvalid, 3),
        Mistake(#"'\x4'"#, .expressionInvalid, 2), Mistake(#"'\400'"#, .expressionInvalid, 2),
        Mistake("1abc", .expressionInvalid, 1),
        Mistake("0x", .expressionInvalid, 1), Mistake("1e", .expressionInvalid, 1),
        Mistake("1e999", .expressionInvalid, 1),
        Mistake("9223372036854775808", .expressionInvalid, 1), Mistake("-9223372036854775809", .expressionInvalid, 1),
        Mistake("99999999999999999999", .expressionInvalid, 1), Mistake("a.", .expressionInvalid, 3),
        Mistake("a.1", .expressionInvalid, 2),
        Mistake("a.true", .expressionInvalid, 3), Mistake("a.in", .expressionInvalid, 3),
        Mistake("for", .expressionInvalid, 1),
        Mistake("a ? 1", .expressionInvalid, 6), Mistake("a b", .expressionInvalid, 3),
        Mistake("1 2", .expressionInvalid, 3),
        Mistake("Foo{a: 1}", .expressionInvalid, 4), Mistake("a.?b", .expressionInvalid, 2),
        Mistake("a[?0]", .expressionInvalid, 2),
        Mistake("has(a)", .expressionInvalid, 1), Mistake("has(a.b, 1)", .expressionInvalid, 1),
        Mistake("size()", .expressionInvalid, 1),
        Mistake("size(1, 2)", .expressionInvalid, 1), Mistake("contains('a', 'b')", .expressionInvalid, 1),
        Mistake("x.string()", .expressionInvalid, 3), Mistake("l.map(1, 2)", .expressionInvalid, 3),
        Mistake("l.all(x)", .expressionInvalid, 3),
        Mistake("sise(x)", .expressionUnknownName, 1), Mistake("1 + x.startWith('a')", .expressionUnknownName, 7),
        Mistake("'a'.matches('(')", .expressionInvalid, 13), Mistake("'a'.matches('a**')", .expressionInvalid, 13),
        Mistake("'a'.matches('[b-a]')", .expressionInvalid, 13),
        Mistake(#"'a'.matches(r'\pL')"#, .expressionInvalid, 13),
        Mistake("'a'.matches('(?=a)')", .expressionInvalid, 13),
        Mistake("'a'.matches('a{1001}')", .expressionInvalid, 13),
        Mistake("'a'.matches('((a{500}){500})')", .expressionInvalid, 13),
        Mistake("'a'.matches('(((){1000}){1000}){1000}')", .expressionInvalid, 13),
        Mistake("a.`b", .expressionInvalid, 3), Mistake("é", .expressionInvalid, 1),
        Mistake("\u{0}", .expressionInvalid, 1),
    ]

    @Test(arguments: unreadable) func pointsAtMistakesOfReading(_ mistake: Mistake) throws {
        let error = try #require(throws: ExpressionError.self) { try Expression(parsing: mistake.text) }
        #expect(error.code == mistake.code, "\(error.message)")
        #expect(error.offset + 1 == mistake.column, "\(error.message)")
    }

    static let failing: [Mistake] = [
        Mistake("9223372036854775807 + 1", .expressionArithmetic, 21),
        Mistake("x * 9223372036854775807", .expressionArithmetic, 3),
        Mistake("-9223372036854775808 - 1", .expressionArithmetic, 22),
        Mistake("-(-9223372036854775808)", .expressionArithmetic, 1),
        Mistake("-9223372036854775808 / -1", .expressionArithmetic, 22), Mistake("0u - 1u", .expressionArithmetic, 4),
        Mistake("1 / 0", .expressionArithmetic, 3), Mistake("1 % 0", .expressionArithmetic, 3),
        Mistake("1u / 0u", .expressionArithmetic, 4),
        Mistake("1 + 1.0", .expressionTypeMismatch, 3), Mistake("1 + 'a'", .expressionTypeMismatch, 3),
        Mistake("1 + 1u", .expressionTypeMismatch, 3),
        Mistake("1.0 % 2.0", .expressionTypeMismatch, 5), Mistake("-'a'", .expressionTypeMismatch, 1),
        Mistake("!1", .expressionTypeMismatch, 1),
        Mistake("-1u", .expressionTypeMismatch, 1), Mistake("1 < 'a'", .expressionTypeMismatch, 3),
        Mistake("[1] < [2]", .expressionTypeMismatch, 5),
        Mistake("null < 1", .expressionTypeMismatch, 6), Mistake("1 ? 2 : 3", .expressionTypeMismatch, 1),
        Mistake("true && 1", .expressionTypeMismatch, 9), Mistake("1 in 'abc'", .expressionTypeMismatch, 3),
        Mistake("1 / 0 == 1 && true", .expressionArithmetic, 3),
        Mistake("false || 1 / 0 == 1", .expressionArithmetic, 12),
        Mistake("map.z", .expressionMissingKey, 5), Mistake("map['z']", .expressionMissingKey, 4),
        Mistake("list[3]", .expressionMissingKey, 5),
        Mistake("list[-1]", .expressionMissingKey, 5), Mistake("list[0.5]", .expressionTypeMismatch, 5),
        Mistake("x.y", .expressionTypeMismatch, 3),
        Mistake("nothing.y", .expressionTypeMismatch, 9), Mistake("has(x.y)", .expressionTypeMismatch, 1),
        Mistake("map[[1]]", .expressionTypeMismatch, 4),
        Mistake("unknown + 1", .expressionUnknownName, 1), Mistake("{'a': 1, 'a': 2}", .expressionMissingKey, 10),
        Mistake("{1: 1, 1u: 2}", .expressionMissingKey, 8), Mistake("{1.0: 1}", .expressionTypeMismatch, 2),
        Mistake("{null: 1}", .expressionTypeMismatch, 2),
        Mistake("int('4.5')", .expressionArithmetic, 1), Mistake("int('')", .expressionArithmetic, 1),
        Mistake("int(1e19)", .expressionArithmetic, 1),
        Mistake("int(0.0 / 0.0)", .expressionArithmetic, 1), Mistake("uint(-1)", .expressionArithmetic, 1),
        Mistake("double('0x1p3')", .expressionArithmetic, 1),
        Mistake("bool('yes')", .expressionArithmetic, 1), Mistake("string(b'\\xff')", .expressionArithmetic, 1),
        Mistake("string([1])", .expressionTypeMismatch, 1),
        Mistake("timestamp('2026-02-29T00:00:00Z')", .expressionArithmetic, 1),
        Mistake("timestamp('2026-01-01')", .expressionArithmetic, 1),
        Mistake("timestamp(253402300800)", .expressionArithmetic, 1),
        Mistake("timestamp(253402300799) + duration('1s')", .expressionArithmetic, 25),
        Mistake("timestamp('9999-12-31T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')", .expressionArithmetic, 35),
        Mistake("duration('1x')", .expressionArithmetic, 1), Mistake("duration('9999999h')", .expressionArithmetic, 1),
        Mistake("duration('')", .expressionArithmetic, 1),
        Mistake("timestamp(0).getDate('Europe/Vienna')", .expressionInvalid, 14),
        Mistake("duration('1s').getDate()", .expressionTypeMismatch, 16),
        Mistake("size(1)", .expressionTypeMismatch, 1), Mistake("1.5.contains('a')", .expressionTypeMismatch, 5),
        Mistake("list.map(i, 1 / (i - 1))", .expressionArithmetic, 15),
        Mistake("x.all(i, true)", .expressionTypeMismatch, 3),
        Mistake("list.filter(i, i)", .expressionTypeMismatch, 16),
        Mistake("list.exists(i, i.z == 1)", .expressionTypeMismatch, 18),
        Mistake("'a'.matches(name + '(')", .expressionInvalid, 5),
        Mistake("18446744073709551615u", .expressionArithmetic, 1), Mistake("1.0 / 0.0", .expressionArithmetic, 1),
    ]

    @Test(arguments: failing) func pointsAtMistakesOfEvaluation(_ mistake: Mistake) throws {
        let expression = try Expression(parsing: mistake.text)
        let error = try #require(throws: ExpressionError.self) { try expression.json(ConformanceTests.bindings) }
        #expect(error.code == mistake.code, "\(error.message)")
        #expect(error.offset + 1 == mistake.column, "\(error.message)")
    }

    struct Advice: CustomTestStringConvertible {
        let text: String
        let suggestion: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Advice(text: "x.startWith('a')", suggestion: "did you mean \"startsWith\"?"),
        Advice(text: "people[0].nn", suggestion: "did you mean \"n\"?"),
        Advice(text: "1 + 1.0", suggestion: "convert one side with double(…)"),
        Advice(text: "a = 1", suggestion: "compare with =="),
        Advice(text: "contains('a', 'b')", suggestion: "write text.contains(\"part\")"),
        Advice(text: "nothing.a", suggestion: "a skipped step is null; guard it with `… != null && …`"),
    ]) func suggestsWhatToWrite(_ advice: Advice) throws {
        let error = try #require(throws: ExpressionError.self) {
            try Expression(parsing: advice.text).json(ConformanceTests.bindings)
        }
        #expect(error.suggestion == advice.suggestion)
    }

    @Test func namesTheFileOrTheText() throws {
        let error = try #require(throws: ExpressionError.self) { try Expression(parsing: "1 +") }
        let place = CorralBase.SourceLocation(file: "flow.yaml", line: 3, column: 9)
        #expect(error.corralError(at: place).message.hasPrefix("flow.yaml:3:9: expected a value"))
        #expect(error.corralError(in: "1 +").message.hasPrefix("expression \"1 +\", column 4: "))
    }
}

// SPDX-License-Identifier: Apache-2.0
// RuleTests: each kind of rule against outputs that pass it, miss it and cannot be judged by it.

import CorralBase
import Testing

@testable import JudgeRules

/// A verdict on `output`, which is JSON text like the rule and the input.
func verdict(_ rule: String, on output: String, input: String = "{}") throws -> Verdict {
    try RuleJudge(input: JSON(parsing: input), output: JSON(parsing: output)).verdict(on: JSON(parsing: rule))
}

struct Case: Sendable, CustomTestStringConvertible {
    var rule: String
    var output: String
    /// Nil: it abstains.
    var score: Double?
    /// Part of the explanation.
    var says: String

    init(_ rule: String, _ output: String, _ score: Double?, _ says: String) {
        (self.rule, self.output, self.score, self.says) = (rule, output, score, says)
    }

    var testDescription: String { "\(rule) on \(output)" }
}

@Suite struct RuleTests {
    private static let texts = #"{"name":"r","kind":"contains","texts":["alpha","beta","gamma"]}"#
    private static let folded = #"{"name":"r","kind":"contains","texts":["ÄLPHA"],"ignore_case":true}"#
    private static let lacks = #"{"name":"r","kind":"lacks","of":"output.text","texts":["guaranteed","risk-free"]}"#
    private static let words = #"{"name":"r","kind":"length","of":"output.text","unit":"words","min":4,"max":8}"#
    private static let items = #"{"name":"r","kind":"length","unit":"items","max":2}"#
    private static let range = #"{"name":"r","kind":"range","of":"output.size","min":0,"max":0.25}"#
    private static let soft = #"{"name":"r","kind":"range","of":"output","min":10,"max":20,"tolerance":10}"#
    private static let check = #"{"name":"r","kind":"expression","check":"output.a > 1"}"#
    private static let graded = #"{"name":"r","kind":"expression","check":"output.grade * 10.0"}"#
    private static let limited = #"{"name":"r","kind":"expression","check":"output.a > 1","when":"has(output.a)"}"#

    static let cases = [
        Case(texts, #"["alpha and beta", {"x": "gamma"}]"#, 10, "says all 3"),
        Case(texts, #""alpha beta""#, 7, "does not say \"gamma\""),
        Case(texts, #""nothing""#, 1, "\"alpha\", \"beta\", \"gamma\""),
        Case(folded, #""say älpha now""#, 10, "says it"),
        Case(#"{"name":"r","kind":"contains","texts":["12.5"]}"#, #"{"n": 12.5}"#, 10, "says it"),
        Case(lacks, #"{"text": "returns vary"}"#, 10, "none"),
        Case(lacks, #"{"text": "a guaranteed profit"}"#, 1, "\"guaranteed\""),
        Case(lacks, #"{"other": 1}"#, nil, "text"),
        Case(words, #"{"text": "one two three four"}"#, 10, "4 words, from 4 to 8 is right"),
        Case(words, #"{"text": "one two"}"#, 1, "2 words, from 4 to 8 was asked for"),
        Case(words, #"{"text": "a b c d e f g h i j"}"#, 7.1, "10 words"),
        Case(words, #"{"text": ""}"#, 1, "0 words"),
        Case(words, #"{"text": [1]}"#, nil, "a list has no length in words"),
        Case(items, "[1,2]", 10, "2 items"),
        Case(items, "[1,2,3,4]", 1, "4 items"),
        Case(range, #"{"size": 0.25}"#, 10, "is 0.25"),
        Case(range, #"{"size": 0.3}"#, 1, "from 0 to 0.25 was asked for"),
        Case(range, #"{"size": "big"}"#, nil, "is a string, not a number"),
        Case(soft, "25", 5.5, "from 10 to 20"),
        Case(soft, "5", 5.5, "from 10 to 20"),
        Case(soft, "31", 1, "is 31"),
        Case(check, #"{"a": 2}"#, 10, "is so"),
        Case(check, #"{"a": 1}"#, 1, "is not so"),
        Case(check, #"{"b": 1}"#, nil, "a"),
        Case(graded, #"{"grade": 0.62}"#, 6.2, "gives 6.2"),
        Case(graded, #"{"grade": 3.0}"#, nil, "not from 1 to 10"),
        Case(limited, #"{"b": 1}"#, nil, "\"has(output.a)\" is not so"),
        Case(limited, #"{"a": 5}"#, 10, "is so"),
    ]

    @Test(arguments: cases) func scoresAndExplains(_ one: Case) throws {
        let verdict = try verdict(one.rule, on: one.output)
        #expect(verdict.score == one.score, "\(verdict)")
        #expect(verdict.explanation.contains(one.says), "\(verdict)")
    }

    @Test func readsTheInputToo() throws {
        let rule = #"{"name":"r","kind":"expression","check":"output.symbol == input.symbol"}"#
        #expect(try verdict(rule, on: #"{"symbol":"A"}"#, input: #"{"symbol":"A"}"#).score == 10)
        #expect(try verdict(rule, on: #"{"symbol":"B"}"#, input: #"{"symbol":"A"}"#).score == 1)
    }

    static let unusable = [
        Case(#"{"name":"r"}"#, "1", nil, "no kind"),
        Case(#"{"name":"r","kind":"spelling"}"#, "1", nil, "\"spelling\" is none of schema"),
        Case(#"{"name":"r","kind":"contains","texts":[]}"#, "1", nil, "no list of texts"),
        Case(#"{"name":"r","kind":"contains","texts":[1]}"#, "1", nil, "no list of texts"),
        Case(#"{"name":"r","kind":"length"}"#, "1", nil, "needs \"min\", \"max\" or both"),
        Case(#"{"name":"r","kind":"range","min":3,"max":2}"#, "1", nil, "the least first"),
        Case(#"{"name":"r","kind":"range","min":1,"tolerance":-1}"#, "1", nil, "below 0"),
        Case(#"{"name":"r","kind":"expression"}"#, "1", nil, "no \"check\""),
        Case(#"{"name":"r","kind":"expression","check":"output >"}"#, "1", nil, "column 9"),
        Case(#"{"name":"r","kind":"schema","schema":{"if":{}}}"#, "1", nil, "\"if\", which is not understood"),
        Case(#"{"name":"r","kind":"schema","schema":{"type":"text"}}"#, "1", nil, "no type"),
        Case(#"{"name":"r","kind":"schema","schema":{"pattern":"("}}"#, "1", nil, "regular expression"),
        Case(##"{"name":"r","kind":"schema","schema":{"$ref":"#/$defs/x"}}"##, "1", nil, "refers to nothing"),
    ]

    @Test(arguments: unusable) func abstainsWithTheReasonOnARuleItCannotUse(_ one: Case) throws {
        let verdict = try verdict(one.rule, on: one.output)
        #expect(verdict.score == nil && verdict.explanation.contains("the rule cannot be used"), "\(verdict)")
        #expect(verdict.explanation.contains(one.says), "\(verdict)")
    }

    @Test func explanationsQuoteRulesAndNeverTheOutput() throws {
        let secret = "4111 1111 1111 1111"
        for rule in [Self.texts, Self.lacks, Self.words, Self.range, Self.check, Self.graded] {
            let outputs = [
                #""\#(secret)""#, #"{"text":"\#(secret)","size":"\#(secret)","a":"\#(secret)","grade":"\#(secret)"}"#,
            ]
            for output in outputs {
                let verdict = try verdict(rule, on: output)
                #expect(!verdict.explanation.contains("4111"), "\(verdict)")
            }
        }
    }
}

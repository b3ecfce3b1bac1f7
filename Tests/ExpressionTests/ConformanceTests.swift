// SPDX-License-Identifier: Apache-2.0
// ConformanceTests: the semantics of the CEL language definition, case by case. Results are compared as JSON; where a
// type matters, the expression says type(…).

import CorralBase
import CorralExpression
import Testing

@Suite struct ConformanceTests {
    struct Case: CustomTestStringConvertible, ExpressibleByArrayLiteral {
        let text: String
        let value: JSON
        var testDescription: String { text }

        init(_ text: String, _ value: JSON) { (self.text, self.value) = (text, value) }

        /// Each text must be true.
        init(arrayLiteral elements: String...) { self.init(elements.joined(separator: " && "), true) }
    }

    static let bindings: [String: JSON] = [
        "x": 5, "half": 0.5, "name": "Ada", "flag": true, "nothing": nil, "list": [1, 2, 3], "empty": [],
        "map": ["a": 1, "b": ["c": [10, 20]], "some key": true], "people": [["n": "x", "a": 1], ["n": "y", "a": 2]],
    ]

    static let literals: [Case] = [
        Case("42", 42), Case("-42", -42), Case("0x2A", 42), Case("-0x2a", -42), Case("7u", 7), Case("0xFFu", 255),
        Case("type(7u) == uint", true), Case("1.5", 1.5), Case(".5", 0.5), Case("1e3", 1000.0), Case("1.5e-3", 0.0015),
        Case("-9223372036854775808", .int(.min)), Case("9223372036854775807", .int(.max)),
        Case("18446744073709551615u > 9223372036854775807", true), Case("null", nil), Case("true", true),
        Case("'a'", "a"), Case("\"a\"", "a"), Case("'''a'b\"c'''", "a'b\"c"),
        Case("\"\"\"two\nlines\"\"\"", "two\nlines"),
        Case(#"r'\d'"#, #"\d"#), Case(#"R"a\""#, #"a\"#),
        Case(#"'\n\t\\\'\"\x41\u00e9\U0001F40E\101'"#, "\n\t\\'\"Aé🐎A"),
        Case(#"'\a\b\f\v\r\?\`'"#, "\u{07}\u{08}\u{0C}\u{0B}\r?`"), Case(#"b'\xff\101' == b'\377A'"#, true),
        Case("b'abc'", "YWJj"), Case("b'ab'", "YWI="), Case("b'a'", "YQ=="), Case("rb'\\x' == b'\\\\x'", true),
        Case("b'é' == bytes('é')", true), Case("size(b'é')", 2),
        Case("[1, 'a', [true],]", [1, "a", [true]]), Case("[]", []), Case("{}", [:]),
        Case("{'a': 1, 'b': [2],}", ["a": 1, "b": [2]]), Case("{1: 'i', true: 'b'}", ["1": "i", "true": "b"]),
        Case("1 // a comment\n + 1", 2), Case(".x", 5),
    ]

    static let arithmetic: [Case] = [
        Case("1 + 2 * 3", 7), Case("(1 + 2) * 3", 9), Case("7 / 2", 3), Case("-7 / 2", -3), Case("-7 % 2", -1),
        Case("7 % -2", 1), Case("10 - 2 - 3", 5), Case("2 * 3 % 4", 2), Case("7.0 / 2.0", 3.5), Case("--5", 5),
        Case("-x", -5), Case("- - x", 5), Case("!false", true), Case("!!true", true), Case("1u + 2u == 3u", true),
        Case("'a' + 'b'", "ab"), Case("[1] + [2, 3]", [1, 2, 3]), Case("list + ['z']", [1, 2, 3, "z"]),
        Case("b'a' + b'b' == b'ab'", true), Case("1.0 / 0.0 > 1e308", true), Case("0.0 / 0.0 == 0.0 / 0.0", false),
        Case("-9223372036854775808 % -1 == 0 || true", true), Case("1 - -1", 2), Case("x-1", 4),
        Case("half * 2.0", 1.0),
    ]

    static let comparisons: [Case] = [
        Case("1 == 1.0", true), Case("1u == 1", true), Case("1 != 2u", true), Case("1 < 1.5", true),
        Case("2u > 1", true),
        Case("-1 < 0u", true), Case("9223372036854775807 < 9223372036854775808.0", true),
        Case("9007199254740993 == 9007199254740992.0", false), Case("9007199254740993 > 9007199254740992.0", true),
        Case("-0.5 < 0", true), Case("-1 < -0.5", true), Case("18446744073709551615u < 18446744073709551616.0", true),
        Case("'a' == 1", false), Case("null == null", true), Case("null == 0", false), Case("nothing == null", true),
        Case("[1, 2] == [1.0, 2u]", true), Case("[1] == [1, 2]", false), Case("{'a': 1} == {'a': 1.0}", true),
        Case("{'a': 1} == {'b': 1}", false), Case("map.b == {'c': [10, 20]}", true), Case("'a' < 'b'", true),
        Case("'B' < 'a'", true), Case("'é' > 'z'", true), Case("'' < 'a'", true),
        Case("'e\\u0301' == '\\u00e9'", false),
        Case("false < true", true), Case("b'a' < b'b'", true), Case("1 <= 1", true), Case("1 >= 2", false),
        Case("1 < 2 == true", true), Case("0.0 / 0.0 < 1", false), Case("0.0 / 0.0 >= 1", false),
        Case("0.0 / 0.0 != 0.0 / 0.0", true), Case("type(1) == int", true), Case("type(type(1)) == type", true),
        Case("type(null) == null_type", true),
        Case("type([]) == type(list) && type({}) == type(map) && type(0.5) == double", true),
        Case("type(1) == 1", false),
        Case("type(timestamp(0)) == google.protobuf.Timestamp", true),
    ]

    static let logic: [Case] = [
        Case("true && false", false), Case("true || false", true), Case("false && 1 / 0 == 0", false),
        Case("1 / 0 == 0 && false", false), Case("true || 1 / 0 == 0", true), Case("1 / 0 == 0 || true", true),
        Case("unknown || true", true), Case("'text' || true", true), Case("nothing.a == 1 || flag", true),
        Case("false && 'text'", false), Case("true ? 1 : 1 / 0", 1), Case("false ? 1 / 0 : 2", 2),
        Case("true ? (false ? 1 : 2) : 3", 2), Case("false ? 1 : true ? 2 : 3", 2),
        Case("flag && x > 4 && name == 'Ada'", true),
        Case("true || false && false", true), Case("1 in [1, 2]", true), Case("1.0 in [1, 2]", true),
        Case("'a' in map", true), Case("'z' in map", false), Case("3 in list", true), Case("!(4 in list)", true),
        Case("1 in {1: 2}", true), Case("[1] in [[1]]", true),
    ]

    static let members: [Case] = [
        Case("map.a", 1), Case("map['a']", 1), Case("map.b.c[1]", 20), Case("map['some key']", true),
        Case("map.`some key`", true), Case("list[0]", 1), Case("list[1.0]", 2), Case("list[2u]", 3),
        Case("{1: 'a'}[1.0]", "a"), Case("{1u: 'a'}[1]", "a"), Case("[[1, 2], [3]][0][1]", 2),
        Case("{'a': {'b': 7}}.a.b", 7),
        Case("has(map.a)", true), Case("has(map.z)", false), Case("has(map.b.c)", true),
        Case("has({'a': null}.a)", true),
        Case("has(map.z) && map.z > 1", false), Case("people[1].n", "y"), Case("{'in': 1}['in']", 1),
        Case("map.b", ["c": [10, 20]]),
    ]

    static let macros: [Case] = [
        Case("list.all(i, i > 0)", true), Case("list.all(i, i > 1)", false), Case("empty.all(i, false)", true),
        Case("list.exists(i, i == 2)", true), Case("empty.exists(i, true)", false),
        Case("list.exists_one(i, i > 2)", true),
        Case("list.exists_one(i, i > 1)", false), Case("list.filter(i, i % 2 == 1)", [1, 3]),
        Case("list.map(i, i * 10)", [10, 20, 30]), Case("list.map(i, i > 1, i * 10)", [20, 30]),
        Case("[0, 1].exists(i, 1 / i == 1)", true), Case("[0, 2].all(i, 4 / i == 3)", false),
        Case("map.exists(k, k == 'b')", true), Case("{'a': 1, 'b': 2}.map(k, k)", ["a", "b"]),
        Case("people.map(p, p.n)", ["x", "y"]), Case("people.filter(p, p.a > 1)[0].n", "y"),
        Case("list.map(x, x)[0] + x", 6), Case("list.map(a, list.filter(b, b < a).size())", [0, 1, 2]),
        Case("[[1], [2, 3]].map(l, l.map(i, i + 1))", [[2], [3, 4]]), Case("list.filter(i, i > 1).map(i, i)", [2, 3]),
    ]

    static let texts: [Case] = [
        Case("size('aé🐎')", 3), Case("'abc'.size()", 3), Case("size(list)", 3), Case("map.size()", 3),
        Case("'hello'.contains('ell')", true), Case("'hello'.contains('')", true), Case("'aab'.contains('ab')", true),
        Case("'ababac'.contains('abac')", true), Case("'hello'.startsWith('he')", true),
        Case("'hello'.endsWith('lo')", true),
        Case("''.startsWith('a')", false), Case("'abc'.matches('^a.c$')", true), Case("matches('xabcx', 'b')", true),
        Case("'ABC'.matches('(?i)abc')", true), Case("name.matches('^' + name + '$')", true),
        Case(#"'2026-11-24'.matches(r'^\d{4}-\d{2}-\d{2}$')"#, true), Case("'aaa'.matches('^a{2}$')", false),
        Case("'foobar'.matches('foo(bar|baz)+?$')", true), Case("'a\\nb'.matches('a.b')", false),
        Case("'a\\nb'.matches('(?s)a.b')", true), Case("'x\\ny'.matches('(?m)^y$')", true),
        Case(#"'a-b'.matches(r'^[\w-]+$')"#, true),
        Case("'é'.matches('^[^a-z]$')", true), Case(#"'one two'.matches(r'\btwo\b')"#, true),
        Case("'{}'.matches('^{}$')", true),
    ]

    static let conversions: [Case] = [
        Case("int('42')", 42), Case("int(4.9)", 4), Case("int(-4.9)", -4), Case("int(7u)", 7),
        Case("uint(7) == 7u", true),
        Case("double(3)", 3.0), Case("double('1.5')", 1.5), Case("double('-Inf') < 0.0", true),
        Case("string(42)", "42"),
        Case("string(1.0)", "1"), Case("string(1.5)", "1.5"), Case("string(1000000.0)", "1000000"),
        Case("string(true)", "true"),
        Case("string(b'abc')", "abc"), Case("string(0.0 / 0.0)", "NaN"), Case("bool('true')", true),
        Case("bool('f')", false),
        Case("bytes('é') == b'\\303\\251'", true), Case("string(7u)", "7"), Case("dyn(1) == 1", true),
        Case("int(timestamp('1970-01-02T00:00:00Z'))", 86_400), Case("int('-9223372036854775808')", .int(.min)),
    ]

    static let times: [Case] = [
        Case("timestamp('2026-11-24T05:30:00Z')", "2026-11-24T05:30:00Z"),
        Case("string(timestamp('2026-11-24T05:30:00.25+02:00'))", "2026-11-24T03:30:00.250Z"),
        Case("timestamp(0)", "1970-01-01T00:00:00Z"), Case("timestamp(-1)", "1969-12-31T23:59:59Z"),
        Case("timestamp('2000-02-29T00:00:00Z').getDayOfYear()", 59),
        Case("timestamp('2026-11-24T05:30:00Z').getDayOfWeek()", 2),
        Case("timestamp('2026-11-24T05:30:00Z').getMonth()", 10),
        Case("timestamp('2026-11-24T05:30:00Z').getDate()", 24),
        Case("timestamp('2026-11-24T05:30:00Z').getDayOfMonth()", 23),
        Case("timestamp('2026-11-24T23:30:00Z').getDate('+02:00')", 25),
        Case("timestamp('2026-01-01T00:00:00Z').getFullYear('-00:30')", 2025),
        Case("timestamp('1969-07-20T20:17:40.123Z').getMilliseconds()", 123),
        Case("timestamp('0001-01-01T00:00:00Z').getFullYear()", 1),
        Case("timestamp('9999-12-31T23:59:59Z').getDayOfWeek()", 5),
        Case("duration('1h30m').getMinutes()", 90), Case("duration('90s')", "90s"),
        Case("duration('-1.5s')", "-1.500s"),
        Case("duration('3ms1us')", "0.003001s"), Case("duration('1h') + duration('1m') == duration('61m')", true),
        Case("duration('1234ms').getMilliseconds()", 234), Case("duration('0') == duration('0s')", true),
        Case("timestamp(0) + duration('1h')", "1970-01-01T01:00:00Z"),
        Case("timestamp(3600) - duration('1h') == timestamp(0)", true),
        Case("duration('1h') + timestamp(0) == timestamp(3600)", true),
        Case("timestamp(90) - timestamp(30) == duration('1m')", true),
        Case("timestamp(1) < timestamp(2) && duration('1s') < duration('2s')", true),
    ]

    static let all = [literals, arithmetic, comparisons, logic, members, macros, texts, conversions, times]

    @Test(arguments: all.joined()) func evaluates(_ item: Case) throws {
        #expect(try Expression(parsing: item.text).json(Self.bindings) == item.value)
    }

    @Test func keepsIntegersApartFromDoubles() throws {
        #expect(try Expression(parsing: "1").json(Self.bindings) == .int(1))
        #expect(try Expression(parsing: "half + half").json(Self.bindings) == .double(1))
    }
}

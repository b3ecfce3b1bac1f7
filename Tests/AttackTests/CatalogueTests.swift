// SPDX-License-Identifier: Apache-2.0
// CatalogueTests: the list of attempts itself, and the little JSON it is asked in.

import Breakout
import Foundation
import Testing

@testable import CorralCommand

/// Every attempt with its class, as the C library lists them.
func everyAttempt() -> [(attempt: breakout_attempt, kind: String)] {
    var found: [(breakout_attempt, String)] = []
    var group = breakout_first_group()
    while let current = group, let kind = current.pointee.class_name {
        var attempt = current.pointee.attempts
        while let each = attempt, each.pointee.name != nil {
            found.append((each.pointee, String(cString: kind)))
            attempt = each + 1
        }
        group = current + 1
    }
    return found
}

@Suite struct CatalogueTests {
    @Test func hasAtLeastOneHundredAndFiftyAttempts() {
        #expect(everyAttempt().count >= 150)
    }

    @Test func coversEveryClass() {
        let expected: Set = [
            "namespaces", "privilege", "kernel", "terminal", "files", "network", "processes", "exhaustion", "liveness",
        ]
        #expect(Set(everyAttempt().map(\.kind)) == expected)
    }

    @Test func namesAreUniqueAndPlain() {
        let names = everyAttempt().map { String(cString: $0.attempt.name) }
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.wholeMatch(of: /[a-z0-9-]{3,32}/) != nil, "\(name)") }
        for (attempt, _) in everyAttempt() { #expect(strlen(attempt.summary) > 5 && attempt.run != nil) }
    }

    @Test func findsEachByItsName() {
        for (attempt, kind) in everyAttempt() {
            let found = breakout_find(attempt.name)
            #expect(found?.pointee.name == attempt.name)
            #expect(found.map { String(cString: breakout_class_of($0)) } == kind)
        }
        #expect(breakout_find("no-such-attempt") == nil)
    }

    @Test func acceptedEscapesNameAttemptsThatExist() {
        let names = Set(everyAttempt().map { String(cString: $0.attempt.name) })
        for accepted in AcceptedEscape.all {
            for attempt in accepted.attempts { #expect(names.contains(attempt), "\(attempt)") }
            #expect(!accepted.reason.isEmpty && !accepted.levels.isEmpty)
        }
    }
}

@Suite struct BreakoutRequestTests {
    private func read(_ text: String) -> (name: String?, targets: breakout_targets) {
        var targets = breakout_targets()
        var name = [CChar](repeating: 0, count: 64)
        let bytes = Array(text.utf8)
        let found = breakout_read_request(bytes, bytes.count, &name, name.count, &targets)
        return (
            found == 0 ? nil : name.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }, targets
        )
    }

    private func text<Tuple>(_ tuple: Tuple) -> String {
        withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    @Test func readsNameTextsAndNumbers() {
        let (name, targets) = read(
            """
            {"other": {"attempt2": 1}, "attempt" : "fork", "targets": {"secret": "/a \\"b\\"", "host_pid": 4711,
            "tcp_port":80, "unknown": [1, "x"], "token": "t"}}
            """)
        #expect(name == "fork")
        #expect(text(targets.secret) == "/a \"b\"")
        #expect(targets.host_pid == 4711 && targets.tcp_port == 80)
        #expect(text(targets.token) == "t")
        #expect(targets.neighbour_pid == 0 && text(targets.home).isEmpty)
    }

    @Test func isAskedForTheListWithoutAName() {
        for text in ["{}", "null", "[]", "{\"targets\": {\"secret\": \"/a\"}}", ""] { #expect(read(text).name == nil) }
    }

    @Test func cutsWhatIsTooLong() {
        let (name, targets) = read(
            "{\"attempt\": \"\(String(repeating: "a", count: 500))\", \"token\": \"\(String(repeating: "b", count: 500))\"}"
        )
        #expect(name?.utf8.count == 63)
        #expect(text(targets.token).utf8.count == 63)
    }

    @Test func survivesEveryPrefix() {
        let whole = "{\"attempt\": \"fork\\\"\", \"targets\": {\"host_pid\": 12, \"secret\": \"/x\\\\\"}}"
        for length in 0...whole.utf8.count { _ = read(String(whole.prefix(length))) }
        #expect(read(whole).name == "fork\"")
    }

    @Test func writesStringsThatAreJSON() throws {
        var buffer = [CChar](repeating: 0, count: 64)
        let length = breakout_write_string(&buffer, buffer.count, "a\"b\\c\u{1B}[2J é")
        let json = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let value = try JSONSerialization.jsonObject(with: Data("[\(json)]".utf8)) as? [String]
        #expect(value?.first?.hasPrefix("a\"b\\c\u{1B}[2J ") == true)
    }
}

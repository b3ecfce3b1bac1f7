// SPDX-License-Identifier: Apache-2.0
// IdentifierTests: names are checked where they are made, because later code uses them as file names and keys.

import CorralBase
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["acme", "a", "0", "a-b_c", String(repeating: "a", count: 63)]) func acceptsTenants(_ text: String)
        throws
    {
        #expect(try TenantID(text).text == text)
    }

    @Test(arguments: [
        "", "A", "-a", "_a", "a b", "a/b", "..", "a.b", "é", "a\n", "a\u{0}", String(repeating: "a", count: 64),
    ])
    func refusesTenants(_ text: String) {
        #expect(throws: CorralError.self) { try TenantID(text) }
    }

    @Test(arguments: ["acme/greeter", "a/b", "acme.io/my_agent-2.x"]) func acceptsPlugins(_ text: String) throws {
        #expect(try PluginID(text).text == text)
    }

    @Test(arguments: [
        "", "acme", "/", "a/", "/b", "a/b/c", "../x", "a/..", "a/.b", "A/b", "a/B", "a b/c", "a/b\n", "é/b", "a//b",
        String(repeating: "a", count: 127) + "/b",
    ]) func refusesPlugins(_ text: String) throws {
        let error = try #require(throws: CorralError.self) { try PluginID(text) }
        #expect(error.code == .identifierInvalid)
        #expect(error.message.utf8.count < 300)
    }

    @Test func runsSortByTheirStart() throws {
        let early = RunID(milliseconds: 1_000, random: .max)
        let late = RunID(milliseconds: 1_001, random: 0)
        #expect(early < late)
        #expect(early.text.utf8.count == 16)
        #expect(try RunID(early.text) == early)
        #expect(RunID(milliseconds: .max, random: .max).text.utf8.count == 16)
    }

    @Test(arguments: ["", "r", "x00000000000000a", "r00000000000000", "r000000000000000A", "r00000000000../"])
    func refusesRuns(_ text: String) {
        #expect(throws: CorralError.self) { try RunID(text) }
    }
}

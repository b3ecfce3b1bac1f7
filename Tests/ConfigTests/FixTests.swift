// SPDX-License-Identifier: Apache-2.0
// FixTests: the one line that is not YAML is quoted, and no other byte of a file changes.

import CorralBase
import CorralConfig
import Foundation
import Testing

@Suite struct FixTests {
    @Test func quotesTheReferenceFileAndNothingElse() throws {
        try withFolder { folder in
            let config = folder.appending(path: "config")
            try FileManager.default.copyItem(at: testFolder.appending(path: "Fixtures"), to: config)
            let path = config.appending(path: "cost_management_config.yaml")
            let before = try Data(contentsOf: path)
            let permissions = [FileAttributeKey.posixPermissions: 0o640]
            try FileManager.default.setAttributes(permissions, ofItemAtPath: path.path)

            let fixes = try Configuration.fix(directory: folder.path)

            #expect(fixes.map(\.path) == [path.path])
            #expect(fixes[0].rules.map(\.line) == [18, 19, 20, 21, 22, 23])
            #expect(fixes[0].lines[0] == "\(path.path):18: quoted \"task_complexity: low -> use: haiku\"")
            let after = try Data(contentsOf: path)
            #expect(after.count == before.count + 12)
            #expect(Data(after.filter { $0 != UInt8(ascii: "\"") }) == before)
            let attributes = try FileManager.default.attributesOfItem(atPath: path.path)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
            #expect(try FileManager.default.contentsOfDirectory(atPath: config.path).count == fixtureNames.count)
            #expect(try Configuration.load(directory: folder.path, environment: .empty).warnings == [])
            #expect(try Configuration.fix(directory: folder.path) == [])
        }
    }

    @Test func keepsByteOrderMarkAndLineEnds() throws {
        try withFolder { folder in
            let path = folder.appending(path: "corral.yaml")
            let head = "cost_management:\r\n  optimization:\r\n    model_selection_rules:\r\n      - "
            let mark = Data([0xEF, 0xBB, 0xBF])
            try (mark + Data("\(head)task_type: x -> use: y  # why\r\n".utf8)).write(to: path)
            #expect(try Configuration.fix(directory: folder.path).count == 1)
            #expect(try Data(contentsOf: path) == mark + Data("\(head)\"task_type: x -> use: y\"  # why\r\n".utf8))
        }
    }

    struct Untouched: CustomTestStringConvertible {
        let testDescription: String
        let text: String
    }

    private static let path = "cost_management:\n  optimization:\n    model_selection_rules:\n"

    static let untouched: [Untouched] = [
        Untouched(testDescription: "quoted", text: path + "      - \"task_type: x -> use: y\"\n"),
        Untouched(
            testDescription: "another list", text: "a:\n  model_selection_rules:\n    - task_type: x -> use: y\n"),
        Untouched(
            testDescription: "a text that looks like one",
            text: "mcpServers:\n  a:\n    description: |\n      - task_type: x -> use: y\n"),
        Untouched(testDescription: "no rule", text: path + "      - task_type: x\n"),
        Untouched(testDescription: "a comment", text: path + "      # - task_type: x -> use: y\n"),
        Untouched(
            testDescription: "after the list",
            text: path + "  reporting:\n    include:\n      - task_type: x -> use: y\n"),
        Untouched(testDescription: "nothing", text: ""),
    ]

    @Test(arguments: untouched) func leavesOtherLinesAlone(_ case: Untouched) {
        #expect(QuotedText(`case`.text).text == `case`.text)
        #expect(QuotedText(`case`.text).rules == [])
    }

    @Test func saysWhenAFileCannotBeReplaced() throws {
        try withFolder { folder in
            let path = folder.appending(path: "corral.yaml")
            try Data((Self.path + "      - task_type: x -> use: y\n").utf8).write(to: path)
            // A folder in the place of the draft: root may write anywhere, but cannot create what is there.
            let draft = folder.appending(path: "corral.yaml.new-\(ProcessInfo.processInfo.processIdentifier)")
            try FileManager.default.createDirectory(at: draft, withIntermediateDirectories: false)
            let error = #expect(throws: CorralError.self) { try Configuration.fix(directory: folder.path) }
            #expect(error?.code == .configNotWritten)
            #expect(error?.cause == "File exists")
            #expect(try String(contentsOf: path, encoding: .utf8).contains("- task_type"))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// FileTests: only small regular text files are read, and everything else says why it is not.

import CorralBase
import CorralConfig
import Foundation
import Testing

@Suite struct FileTests {
    struct Refused: CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (String) throws -> Void
        let message: String
        var line = 1
    }

    static let refused: [Refused] = [
        Refused(testDescription: "pipe", make: { _ = mkfifo($0, 0o600) }, message: "it is a pipe"),
        Refused(testDescription: "folder", make: { _ = mkdir($0, 0o700) }, message: "it is a folder"),
        Refused(testDescription: "link", make: { _ = symlink("/etc/hostname", $0) }, message: "it is a symbolic link"),
        Refused(
            testDescription: "link to nowhere", make: { _ = symlink("/no/where", $0) }, message: "it is a symbolic link"
        ),
        Refused(
            testDescription: "large", make: { try write(Data(count: 1 << 20 | 1), $0) },
            message: "it has more than 1048576 bytes"),
        Refused(
            testDescription: "not UTF-8",
            make: { try write(Data("a: 1\nb: \u{FF}".utf8.map { $0 == 0xC3 ? 0xFF : $0 }), $0) },
            message: "line 2 is not UTF-8 text", line: 2),
        Refused(
            testDescription: "with a zero byte", make: { try write(Data("a:\n\u{0}".utf8), $0) },
            message: "line 2 is not UTF-8 text", line: 2),
    ]

    private static func write(_ data: Data, _ path: String) throws { try data.write(to: URL(fileURLWithPath: path)) }

    @Test(arguments: refused, ["corral.yaml", "config/a.yaml"])
    func refusesWhatIsNoTextFile(_ refused: Refused, _ name: String) throws {
        try withFolder { folder in
            let config = folder.appending(path: "config")
            try FileManager.default.createDirectory(at: config, withIntermediateDirectories: false)
            try refused.make(folder.appending(path: name).path)
            let error = #expect(throws: DiagnosticsError.self) {
                try Configuration.load(directory: folder.path, environment: .empty)
            }
            #expect(error?.diagnostics.count == 1)
            #expect(error?.diagnostics.first?.code == .configFileRefused)
            #expect(error?.diagnostics.first?.message == "\"\(folder.path)/\(name)\" is not read: \(refused.message)")
            #expect(error?.diagnostics.first?.location.line == refused.line)
        }
    }

    @Test func missingFilesAreDefaults() throws {
        let loaded = try withFolder { try Configuration.load(directory: $0.path, environment: .empty) }
        #expect(loaded.files == [])
        #expect(loaded.stepTimeout == .seconds(300))
        #expect(CheckReport(loaded).text.contains("no configuration file, all defaults"))
    }

    @Test func misnamedFileIsNotIgnored() throws {
        try withFolder { folder in
            try Self.write(Data("host: {}".utf8), folder.appending(path: "corral.yml").path)
            let error = #expect(throws: DiagnosticsError.self) {
                try Configuration.load(directory: folder.path, environment: .empty)
            }
            #expect(error?.diagnostics.map(\.code) == [.configFileMisnamed])
        }
    }

    @Test func mistakesOfAllFilesAreReportedTogether() throws {
        try withFolder { folder in
            let config = folder.appending(path: "config")
            try FileManager.default.createDirectory(at: config, withIntermediateDirectories: false)
            try Self.write(Data("secrity: {}".utf8), folder.appending(path: "corral.yaml").path)
            try Self.write(Data("memory: {x: 1}".utf8), config.appending(path: "m.yml").path)
            try Self.write(Data("{\"events\": [}".utf8), config.appending(path: "e.json").path)
            try Self.write(Data("x".utf8), config.appending(path: ".hidden.yaml").path)
            try Self.write(Data("x".utf8), config.appending(path: "README.md").path)
            let error = #expect(throws: DiagnosticsError.self) {
                try Configuration.load(directory: folder.path, environment: .empty)
            }
            let files = error?.diagnostics.map { $0.location.file.dropFirst(folder.path.count + 1) }
            #expect(files == ["config/e.json", "config/m.yml", "corral.yaml"])
        }
    }

    @Test func overlayFileOfATenantIsMerged() throws {
        try withFolder { folder in
            let overlay = folder.appending(path: "acme.yaml").path
            try Self.write(Data("security: {rate_limiting: {per_user: 1/day}}".utf8), overlay)
            let loaded = try Configuration.load(
                directory: folder.path, overlays: [overlay, folder.appending(path: "absent.yaml").path],
                environment: .empty)
            #expect(loaded.value("security.rate_limiting.per_user") == "1/day")
        }
    }
}

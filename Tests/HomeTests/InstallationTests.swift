// SPDX-License-Identifier: Apache-2.0
// InstallationTests: the programs and files of both layouts are found from the executable.

import CorralBase
import CorralHome
import Foundation
import Testing

@Suite struct InstallationTests {
    @Test func findsTheBuildTree() throws {
        try withFolder { folder in
            try place(["Package.swift", "Plugins/x", ".build/x86_64/debug/corral"], in: folder)
            let link = folder.appending(path: ".build/debug")
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "x86_64/debug")
            let found = try Installation.locate(link.path + "/corral")
            let root = folder.path
            #expect(found.layout == .buildTree)
            #expect(found.root == root)
            #expect(found.worker == root + "/.build/x86_64/debug/corral-worker")
            #expect(found.spawner == root + "/.build/x86_64/debug/corral-spawner")
            #expect(found.flows == root + "/Plugins/Flows")
            #expect(found.errorPages == root + "/docs/errors")
            #expect(found.plugins == root + "/plugins.d")
        }
    }

    @Test func findsTheInstalledTree() throws {
        try withFolder { folder in
            try place(["opt/bin/corral", "usr/bin/x"], in: folder)
            let link = folder.appending(path: "usr/bin/corral")
            let target = folder.path + "/opt/bin/corral"
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: target)
            let found = try Installation.locate(link.path)
            let prefix = folder.path + "/opt"
            #expect(found.layout == .installed)
            #expect(found.worker == prefix + "/libexec/corral/corral-worker")
            #expect(found.spawner == prefix + "/libexec/corral/corral-spawner")
            #expect(found.flows == prefix + "/share/corral/flows")
            #expect(found.errorPages == prefix + "/share/corral/errors")
            #expect(found.plugins == prefix + "/lib/corral/plugins.d")
        }
    }

    @Test func namesEveryMissingProgram() throws {
        try withFolder { folder in
            try place(["bin/corral", "libexec/corral/corral-worker"], in: folder)
            let found = try Installation.locate(folder.path + "/bin/corral")
            let both = #expect(throws: CorralError.self) { try found.requirePrograms() }
            #expect(both?.code == .installationIncomplete)
            #expect(both?.message.contains("corral-worker") == true && both?.message.contains("corral-spawner") == true)
            #expect(chmod(found.worker, 0o755) == 0)
            let one = #expect(throws: CorralError.self) { try found.requirePrograms() }
            #expect(one?.message == "programs of Corral are missing: \"\(found.spawner)\"")
            try place(["libexec/corral/corral-spawner"], in: folder)
            #expect(chmod(found.spawner, 0o755) == 0)
            try found.requirePrograms()
        }
    }

    @Test(arguments: ["corral", "debug/corral", "x/corral"]) func refusesAnUnknownPlace(_ name: String) throws {
        try withFolder { folder in
            try place([name], in: folder)
            let error = #expect(throws: CorralError.self) { try Installation.locate(folder.path + "/" + name) }
            #expect(error?.code == .installationIncomplete)
        }
    }

    @Test func everyErrorCodeHasAPage() throws {
        let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        for code in [ErrorCode.homeUnusable, .homeUnsafe, .homeLocked, .installationIncomplete] {
            let page = try String(contentsOf: project.appending(path: "docs/errors/\(code.text).md"), encoding: .utf8)
            #expect(page.hasPrefix("# \(code.text) \(code.name)\n"))
        }
    }

    private func place(_ names: [String], in folder: URL) throws {
        for name in names {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: file)
        }
    }
}

/// A folder below the temporary one, its path free of links, for the length of `body`.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let temporary = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    let folder = temporary.appending(path: "corral-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

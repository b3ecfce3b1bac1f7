// SPDX-License-Identifier: Apache-2.0
// StorageFolderTests: where a plugin may write, and what cannot be put in its place.

import CorralBase
import Foundation
import Testing

@testable import CorralSupervision

@Suite struct StorageFolderTests {
    private func tenant() throws -> String {
        let folder = NSTemporaryDirectory() + "corral-storage-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private func status(_ path: String) -> stat {
        var status = stat()
        lstat(path, &status)
        return status
    }

    @Test func isMadeForItsUserAloneAndFoundAgain() throws {
        let root = try tenant()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = StorageFolder(root: root, plugin: try PluginID("acme/keeper"))
        #expect(folder.path == root + "/storage/acme/keeper")
        try folder.prepare(for: nil)
        try Data("x".utf8).write(to: URL(filePath: folder.path + "/file"))
        try folder.prepare(for: nil)
        #expect(FileManager.default.fileExists(atPath: folder.path + "/file"))
        for path in [root + "/storage", root + "/storage/acme", folder.path] {
            #expect(status(path).st_mode & 0o777 == 0o700)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func changesHandsWithEverythingInItAndFollowsNoLink() throws {
        let root = try tenant()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = StorageFolder(root: root, plugin: try PluginID("acme/keeper"))
        try folder.prepare(for: 70_001)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/inner", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: folder.path + "/inner/file"))
        try Data("x".utf8).write(to: URL(filePath: root + "/hosts"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: root + "/hosts")
        try folder.prepare(for: 70_002)
        for path in ["", "/inner", "/inner/file", "/link"] {
            #expect(status(folder.path + path).st_uid == 70_002, "\(path)")
        }
        #expect(status(root + "/hosts").st_uid == 0)
        #expect(status(root + "/storage").st_uid == 0)
    }

    @Test(arguments: ["storage", "storage/acme", "storage/acme/keeper"])
    func aLinkInItsPlaceIsRefused(place: String) throws {
        let root = try tenant()
        let elsewhere = try tenant()
        defer { for path in [root, elsewhere] { try? FileManager.default.removeItem(atPath: path) } }
        let link = URL(filePath: root + "/" + place)
        try FileManager.default.createDirectory(
            at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link.path(), withDestinationPath: elsewhere)
        let folder = StorageFolder(root: root, plugin: try PluginID("acme/keeper"))
        let error = #expect(throws: CorralError.self) { try folder.prepare(for: nil) }
        #expect(error?.code == .storageUnusable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).isEmpty)
    }

    @Test(arguments: [true, false])
    func aFileOrAPipeInItsPlaceIsRefusedAtOnce(isPipe: Bool) throws {
        let root = try tenant()
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/storage/acme", withIntermediateDirectories: true)
        let place = root + "/storage/acme/keeper"
        if isPipe { mkfifo(place, 0o600) } else { try Data().write(to: URL(filePath: place)) }
        let folder = StorageFolder(root: root, plugin: try PluginID("acme/keeper"))
        let error = #expect(throws: CorralError.self) { try folder.prepare(for: nil) }
        #expect(error?.code == .storageUnusable)
    }
}

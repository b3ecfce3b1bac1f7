// SPDX-License-Identifier: Apache-2.0
// FolderTests: measuring and removing folders that a hostile plugin filled: links, pipes, holes, depth, and no rights.

import CorralBase
import Foundation
import Testing

@testable import CorralEngine

/// A folder below the temporary one that goes away with the test, whatever is in it.
private final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "corral-engine-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        try? FolderRemoval.remove(name, in: String(path.dropLast(name.count + 1)))
    }

    func write(_ name: String, bytes: Int) throws {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(repeating: 1, count: bytes).write(to: file)
    }

    /// Deeper than a path may be long: each folder is made from inside the last.
    func deepen(_ name: String, levels: Int) throws {
        var folder = open(path, O_RDONLY | O_DIRECTORY)
        for _ in 0..<levels {
            guard mkdirat(folder, name, 0o700) == 0 else { throw CorralError.internalFault("mkdirat \(errno)") }
            let inner = openat(folder, name, O_RDONLY | O_DIRECTORY)
            close(folder)
            folder = inner
        }
        close(folder)
    }
}

@Suite struct StorageScanTests {
    @Test func blocksCountAndNotLengths() throws {
        let folder = try Folder()
        try folder.write("whole", bytes: 1 << 20)
        _ = FileManager.default.createFile(atPath: folder.path + "/hole", contents: nil)
        truncate(folder.path + "/hole", 1 << 40)
        let use = StorageScan.measure(folder.path, filesMax: 1_000)
        #expect(use.files == 2 && (1 << 20..<2 << 20).contains(use.bytes), "\(use)")
    }

    @Test func linksAndPipesAreCountedAndNotFollowed() throws {
        let folder = try Folder()
        symlink("/usr", folder.path + "/out")
        symlink(".", folder.path + "/round")
        mkfifo(folder.path + "/pipe", 0o600)
        try folder.write("a", bytes: 100_000)
        link(folder.path + "/a", folder.path + "/b")
        let use = StorageScan.measure(folder.path, filesMax: 1_000)
        #expect(use.files == 4 && use.bytes < 200_000, "\(use)")
    }

    @Test func endsAboveTheLimitAndInAnyDepth() throws {
        let folder = try Folder()
        for number in 0..<200 { try folder.write("f\(number)", bytes: 1) }
        #expect(StorageScan.measure(folder.path, filesMax: 10).files == 11)
        let deep = try Folder()
        try deep.deepen("d", levels: 2_000)
        let use = StorageScan.measure(deep.path, filesMax: 10_000)
        #expect(use.files >= Int64(StorageScan.depthMax) && use.files <= 2_000, "\(use)")
    }

    @Test func aLinkInTheFoldersPlaceIsNothing() throws {
        let folder = try Folder()
        symlink("/usr", folder.path + "/acme")
        #expect(StorageScan.measure(folder.path + "/acme", filesMax: 1_000) == StorageUse())
        #expect(StorageScan.measure(folder.path + "/absent", filesMax: 1_000) == StorageUse())
    }
}

@Suite struct FolderRemovalTests {
    @Test func removesWhatAPluginLeft() throws {
        let folder = try Folder()
        try folder.write("stays", bytes: 10)
        for number in 0..<300 { try folder.write("acme/wide/f\(number)", bytes: 1) }
        try folder.write("acme/locked/inner/file", bytes: 1)
        chmod(folder.path + "/acme/locked/inner", 0)
        chmod(folder.path + "/acme/locked", 0)
        symlink(folder.path, folder.path + "/acme/out")
        mkfifo(folder.path + "/acme/pipe", 0o600)
        try FolderRemoval.remove("acme", in: folder.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["stays"])
    }

    @Test func depthCostsNeitherStackNorDescriptors() throws {
        let folder = try Folder()
        mkdir(folder.path + "/acme", 0o700)
        let deep = try Folder()
        try deep.deepen("d", levels: 5_000)
        rename(deep.path, folder.path + "/acme/deep")
        try FolderRemoval.remove("acme", in: folder.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func goesOnWithWhatAnEarlierRemovalLeft() throws {
        let folder = try Folder()
        try folder.write(".removed-acme/left/over", bytes: 1)
        try folder.write("acme/new", bytes: 1)
        try FolderRemoval.remove("acme", in: folder.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        try folder.write(".removed-acme/left/over", bytes: 1)
        try FolderRemoval.remove("acme", in: folder.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        try FolderRemoval.remove("acme", in: folder.path)
    }

    @Test func aLinkGoesAndWhatItPointsToStays() throws {
        let folder = try Folder()
        try folder.write("globex/file", bytes: 1)
        symlink(folder.path + "/globex", folder.path + "/acme")
        try FolderRemoval.remove("acme", in: folder.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["globex"])
        #expect(FileManager.default.fileExists(atPath: folder.path + "/globex/file"))
    }
}

@Suite struct TenantFolderTests {
    @Test func onlyAFolderOfItsOwnIsATenants() throws {
        let folder = try Folder()
        let acme = try TenantID("acme")
        #expect(throws: Never.self) { try TenantFolder.check(folder.path + "/tenants/acme") }
        #expect(try TenantFolder(home: folder.path, tenant: acme).path == folder.path + "/tenants/acme")
        let place = folder.path + "/tenants/acme"
        rmdir(place)
        symlink(folder.path, place)
        #expect(refusal { _ = try TenantFolder(home: folder.path, tenant: acme) }?.contains("symbolic link") == true)
        unlink(place)
        mkfifo(place, 0o600)
        #expect(refusal { try TenantFolder.check(place) }?.contains("not a folder") == true)
    }

    private func refusal(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? CorralError)?.message }
        return nil
    }
}

// SPDX-License-Identifier: Apache-2.0
// HostCatalogue: the catalogue a running host uses: scanned when something in a plugins folder has changed, shared by all
// tenants, replaced as a whole.

import CorralBase
import CorralCatalog
import CorralStore
import CorralSupervision
import Foundation
import Synchronization

package final class HostCatalogue: CatalogueSource {
    private let folders: [String]
    private let scanner: CatalogScanner
    private let current = Mutex(CatalogSnapshot.empty)
    private let gate = RefreshGate()

    /// - Parameter folders: plugins folders in order.
    package init(folders: [String], scanner: CatalogScanner) {
        self.folders = folders
        self.scanner = scanner
    }

    package func snapshot() -> CatalogSnapshot { current.withLock { $0 } }

    /// Scans again when a file was added, removed or changed since the last scan; else returns at once.
    package func refresh() async {
        await gate.run(fingerprint(folders)) {
            let scanned = await self.scanner.scan(self.folders)
            self.current.withLock { $0 = scanned }
        }
    }
}

/// Lets one scan run at a time, and skips it when nothing has changed.
private actor RefreshGate {
    private var seen: [FileMark]?
    private var running: Task<Void, Never>?

    func run(_ marks: [FileMark], _ scan: @escaping @Sendable () async -> Void) async {
        while let running { await running.value }
        guard marks != seen else { return }
        // Not structured: callers that come meanwhile wait for it, too.
        let task = Task { await scan() }
        running = task
        await task.value
        running = nil
        seen = marks
    }
}

/// What changes about a file when its content does. A change within one tick of the clock that keeps size and inode
/// would be missed; writers that rename a new file into place, as ours do, change the inode.
private struct FileMark: Hashable {
    var path: String
    var inode: UInt64
    var bytes: Int64
    var seconds: Int
    var nanoseconds: Int
}

/// At most this many files are looked at; a folder with more is scanned every time.
private let marksMax = 20_000

private func fingerprint(_ folders: [String]) -> [FileMark] {
    var marks: [FileMark] = []
    for folder in folders {
        guard let paths = FileManager.default.enumerator(atPath: folder) else { continue }
        for case let path as String in paths {
            guard marks.count < marksMax else { return marks + [FileMark.unique] }
            let full = folder + "/" + path
            var status = stat()
            guard lstat(full, &status) == 0 else { continue }
            marks.append(
                FileMark(
                    path: full, inode: UInt64(status.st_ino), bytes: Int64(status.st_size),
                    seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec))
        }
    }
    return marks.sorted { $0.path < $1.path }
}

extension FileMark {
    /// Equal to no other.
    fileprivate static var unique: FileMark {
        FileMark(path: UUID().uuidString, inode: 0, bytes: 0, seconds: 0, nanoseconds: 0)
    }
}

/// `host.db` on a lane of its own: SQLite may block there.
package actor HostRecords: ProbeCache {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let store: HostStore
    private let clock: any HostClock

    package init(store: sending HostStore, executor: any SerialExecutor, clock: any HostClock) {
        self.store = store
        self.executor = executor
        self.clock = clock
    }

    func add(_ tenant: TenantID) throws { try store.addTenant(tenant, now: clock.wallNanoseconds()) }
    func tenant(_ id: TenantID) throws -> TenantRecord? { try store.tenant(id) }
    func tenants() throws -> [TenantRecord] { try store.tenants() }
    func beginRemoval(of tenant: TenantID) throws {
        try store.beginRemoval(of: tenant, now: clock.wallNanoseconds())
    }
    func forget(_ tenant: TenantID) throws { try store.removeTenant(tenant) }

    /// A cache that cannot be read or written costs a probe, nothing else.
    package func get(_ key: String) -> [UInt8]? {
        (try? store.probeAnswer(key, now: clock.wallNanoseconds())) ?? nil
    }

    package func put(_ key: String, _ value: [UInt8]) {
        try? store.putProbeAnswer(key, value, now: clock.wallNanoseconds())
    }
}

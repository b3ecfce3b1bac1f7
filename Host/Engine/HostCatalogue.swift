// SPDX-License-Identifier: Apache-2.0
// HostCatalogue: the catalogue a running host uses. It hears at once when something in a plugins folder was completed,
// looks at what changed, and hands every open tenant a new snapshot: the folders of all, then the tenant's own.

import CorralBase
import CorralCatalog
import CorralSupervision
import Glibc
import Logging
import Synchronization

package actor HostCatalogue {
    package struct Timing: Sendable {
        /// A change counts when nothing else changed for this long: a build or a copy touches several files.
        package var quiet: Duration = .milliseconds(50)
        /// At the latest this long after the first change of a series.
        package var patience: Duration = .seconds(1)
        /// How long a request waits for a change to be taken in before it looks for itself.
        package var reminder: Duration = .milliseconds(200)

        package init() {}
    }

    nonisolated let lane: Lane
    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    private nonisolated let global = SharedSnapshot()
    private let scanner: CatalogScanner
    private let timing: Timing
    private let log: Logger
    private var watch: FolderWatch?
    private let globalArea: PluginArea
    private var areas: [Int: PluginArea] = [:]
    private var tenants: [TenantID: (catalogue: TenantCatalogue, area: PluginArea?)] = [:]
    private var settleTimer: Lane.TimerID?
    /// Hears of every new snapshot of the folders of all tenants (nil), or of a tenant's own.
    private var published: (@Sendable (TenantID?, CatalogSnapshot) -> Void)?

    /// - Parameters:
    ///   - folders: plugins folders of all tenants, in order.
    ///   - lane: the scanner's: a thread that may wait for files.
    package init(
        folders: [String], scanner: CatalogScanner, lane: Lane, timing: Timing = Timing(),
        log: Logger = Logger(label: "corral") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.scanner = scanner
        self.lane = lane
        self.timing = timing
        self.log = log
        globalArea = PluginArea(0, folders)
        areas = [0: globalArea]
    }

    /// What all tenants have.
    package nonisolated func snapshot() -> CatalogSnapshot { global.snapshot() }

    /// Says who hears of every new snapshot, until `stop`.
    func onPublish(_ published: (@Sendable (TenantID?, CatalogSnapshot) -> Void)?) { self.published = published }

    // MARK: Life

    /// Scans, and from then on notices changes without being asked.
    package func start() async {
        let watch = FolderWatch(lane) { [weak self] folder in self?.assumeIsolated { $0.changed(folder) } }
        do throws(CorralError) {
            try watch.start { [weak self] in self?.assumeIsolated { $0.drain() } }
            self.watch = watch
        } catch {
            log.warning("\(error.message)", metadata: ["cause": "\(error.cause ?? "")"])
        }
        for folder in globalArea.folders { self.watch?.add(folder) }
        await refresh()
    }

    package func stop() {
        watch?.stop()
        watch = nil
        published = nil
        for area in areas.values {
            if let timer = area.timer { lane.cancel(timer) }
        }
    }

    /// Opens a tenant's view, which is kept up to date until `close`.
    /// - Parameters:
    ///   - folder: the tenant's own plugins.
    ///   - isAllowed: whether it may have any; if not, those that are there are shown as problems.
    package func open(_ tenant: TenantID, folder: String, isAllowed: Bool) async -> TenantCatalogue {
        await close(tenant)
        let catalogue = TenantCatalogue()
        tenants[tenant] = (catalogue, nil)
        await set(tenant, folder: folder, isAllowed: isAllowed)
        return catalogue
    }

    /// Lets an open tenant have plugins of its own, or no more.
    func set(_ tenant: TenantID, folder: String, isAllowed: Bool) async {
        guard let open = tenants[tenant] else { return }
        if let area = open.area, area.folders == [folder], area.isRefused == !isAllowed { return }
        await forget(open.area)
        let area = PluginArea((areas.keys.max() ?? 0) + 1, [folder], isOwned: true, isRefused: !isAllowed)
        areas[area.number] = area
        tenants[tenant]?.area = area
        watch?.add(folder)
        await scan(area)
        publish(tenant)
    }

    func close(_ tenant: TenantID) async {
        let open = tenants.removeValue(forKey: tenant)
        open?.catalogue.onChange(nil)
        await forget(open?.area)
    }

    private func forget(_ area: PluginArea?) async {
        guard let area else { return }
        areas[area.number] = nil
        if let timer = area.timer { lane.cancel(timer) }
        for folder in area.folders { watch?.remove(folder) }
        area.wake(isPublished: true)
        await scanner.forget(area.folders)
    }

    // MARK: Changes

    /// Returns when everything that was completed before the call is in the snapshots. Without a change that costs a look
    /// at each file's date, for file systems that do not tell.
    package func refresh(_ tenant: TenantID? = nil) async {
        drain()
        for area in [globalArea] + (tenant.flatMap { tenants[$0]?.area }.map { [$0] } ?? []) {
            while areas[area.number] === area {
                // A change that no timer and no scan looks after is looked at here.
                let isForgotten = area.timer == nil && !area.isScanning
                if area.firstChange == nil || isForgotten {
                    if await scan(area, isAsked: area.firstChange == nil) { break }
                }
                let isPublished = await withCheckedContinuation { continuation in
                    area.waiting.append(continuation)
                    remind(area)
                }
                if isPublished { break }
            }
        }
    }

    /// Whoever waits looks for himself after a while, so that a wake-up that goes missing costs a moment and no request.
    private func remind(_ area: PluginArea) {
        let number = area.number
        lane.after(nanoseconds: timing.reminder.wholeNanoseconds) { [weak self] in
            self?.assumeIsolated { $0.areas[number]?.wake(isPublished: false) }
        }
    }

    private func drain() {
        watch?.drain()
        guard settleTimer == nil, watch?.hasCreated == true else { return }
        settleTimer = lane.after(nanoseconds: timing.patience.wholeNanoseconds) { [weak self] in
            self?.assumeIsolated { catalogue in
                catalogue.settleTimer = nil
                let before = monotonicNanoseconds() &- catalogue.timing.patience.wholeNanoseconds
                catalogue.watch?.settleCreated(before: before)
                catalogue.drain()
            }
        }
    }

    private func changed(_ folder: String) {
        for area in areas.values where area.folders.contains(folder) { wait(area) }
    }

    /// Starts the wait for quiet anew, within the patience.
    private func wait(_ area: PluginArea) {
        let now = monotonicNanoseconds()
        let number = area.number
        let first = area.firstChange ?? now
        area.firstChange = first
        if let timer = area.timer { lane.cancel(timer) }
        let left = timing.patience.wholeNanoseconds - min(timing.patience.wholeNanoseconds, now &- first)
        area.timer = lane.after(nanoseconds: min(timing.quiet.wholeNanoseconds, left)) { [weak self] in
            self?.assumeIsolated { catalogue in
                guard let area = catalogue.areas[number] else { return }
                area.timer = nil
                // Not structured: whoever waits for it is in `waiting`.
                Task { await catalogue.scan(number) }
            }
        }
    }

    /// One scan of an area at a time. What changes while it is looked at is looked at again before anyone sees it, unless
    /// the changes do not end.
    /// - Parameter isAsked: nobody has waited for quiet.
    /// - Returns: whether what was found is in the snapshots now.
    @discardableResult
    private func scan(_ area: PluginArea, isAsked: Bool = false) async -> Bool {
        while area.isScanning {
            await withCheckedContinuation { continuation in
                area.turn.append(continuation)
                remind(area)
            }
        }
        area.isScanning = true
        defer {
            area.isScanning = false
            if !area.turn.isEmpty { area.turn.removeFirst().resume() }
        }
        drain()
        if isAsked, area.firstChange != nil { return false }
        let began = area.firstChange
        area.firstChange = nil
        let snapshot = await look(at: area)
        drain()
        if let again = area.firstChange {
            area.firstChange = began ?? again
            let waited = monotonicNanoseconds() &- (began ?? again)
            if waited < timing.patience.wholeNanoseconds {
                area.postponed = snapshot ?? area.postponed
                return false
            }
        }
        if let snapshot = snapshot ?? area.postponed { publish(snapshot, of: area) }
        area.postponed = nil
        area.endWait(isPublished: true)
        return true
    }

    private func scan(_ number: Int) async {
        if let area = areas[number] { await scan(area) }
    }

    private func look(at area: PluginArea) async -> CatalogSnapshot? {
        if area.isOwned, let problem = area.problem() {
            await scanner.forget(area.folders)
            return area.ifNews(CatalogSnapshot(entries: [], problems: [problem]))
        }
        if area.isRefused, let folder = area.folders.first { return area.ifNews(await scanner.refuse(folder)) }
        var news = FolderNews()
        for folder in area.folders {
            guard let found = watch?.takeNews(of: folder) else { continue }
            news.changed.formUnion(found.changed)
            news.unfinished.formUnion(found.unfinished)
        }
        return await scanner.scanIfChanged(area.folders, news)
    }

    // MARK: Snapshots

    private func publish(_ snapshot: CatalogSnapshot, of area: PluginArea) {
        tell(area.snapshot, snapshot)
        area.snapshot = snapshot.remembering(area.snapshot)
        if area === globalArea {
            global.set(area.snapshot)
            published?(nil, area.snapshot)
            for tenant in tenants.keys { publish(tenant) }
        } else {
            for (tenant, open) in tenants where open.area === area {
                published?(tenant, area.snapshot)
                publish(tenant)
            }
        }
    }

    private func publish(_ tenant: TenantID) {
        guard let open = tenants[tenant] else { return }
        open.catalogue.set(open.area.map { globalArea.snapshot.joined(by: $0.snapshot) } ?? globalArea.snapshot)
    }

    /// What a person who dropped a file wants to read in the host's log.
    private func tell(_ old: CatalogSnapshot, _ new: CatalogSnapshot) {
        for problem in new.problems where !old.problems.contains(problem) {
            let rest = problem.id.flatMap { new.entries[$0] } == nil ? "" : "; what it held before goes on serving"
            log.warning("\(problem.error.message)\(rest)", metadata: ["file": "\(problem.source)"])
        }
        for entry in new.sorted where old.entries[entry.id]?.digest != entry.digest {
            let word = old.entries[entry.id] == nil ? "new" : "changed"
            log.info(
                "plugin \(entry.id) \(entry.manifest.version) is \(word)",
                metadata: ["file": "\(entry.source)", "digest": "\(entry.digest.short)"])
        }
        for entry in old.sorted where new.entries[entry.id] == nil {
            log.info("plugin \(entry.id) was removed", metadata: ["file": "\(entry.source)"])
        }
    }

    /// Removes the copies that neither the catalogue nor `kept` names.
    func prune(_ copies: PluginCopies, keeping kept: Set<String>) -> Int {
        let named = areas.values.flatMap { $0.snapshot.entries.values }.flatMap(\.copyNames)
        return copies.prune(keeping: kept.union(named))
    }
}

/// Folders that are scanned together. Touched on the catalogue's lane only.
private final class PluginArea {
    let number: Int
    let folders: [String]
    /// A tenant can write to it: it must be what the host made it, a folder in the tenant's own.
    let isOwned: Bool
    /// Nothing in it counts.
    let isRefused: Bool
    var snapshot = CatalogSnapshot.empty
    var postponed: CatalogSnapshot?
    var firstChange: UInt64?
    var timer: Lane.TimerID?
    var isScanning = false
    /// Scans that wait for the one under way.
    var turn: [CheckedContinuation<Void, Never>] = []
    /// Requests that wait for the changes to be looked at.
    var waiting: [CheckedContinuation<Bool, Never>] = []

    init(_ number: Int, _ folders: [String], isOwned: Bool = false, isRefused: Bool = false) {
        self.number = number
        self.folders = folders
        self.isOwned = isOwned
        self.isRefused = isRefused
    }

    /// - Parameter isPublished: whether what they wait for is in the snapshots; if not, they look for themselves.
    func endWait(isPublished: Bool) {
        let continuations = waiting
        waiting = []
        for continuation in continuations { continuation.resume(returning: isPublished) }
    }

    /// Wakes everybody, also those who wait for their turn to scan.
    func wake(isPublished: Bool) {
        endWait(isPublished: isPublished)
        let scans = turn
        turn = []
        for continuation in scans { continuation.resume() }
    }

    /// Nil when nothing counts, as before, for the same reasons.
    func ifNews(_ empty: CatalogSnapshot) -> CatalogSnapshot? {
        snapshot.entries.isEmpty && snapshot.problems == empty.problems ? nil : empty
    }

    /// A link in place of a tenant's folder would make the host read what the link points at.
    func problem() -> ProblemEntry? {
        for folder in folders {
            for path in [folder, (folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? folder)] {
                var info = stat()
                guard lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFDIR else { continue }
                return ProblemEntry(source: folder, error: .catalogueUnreadable(folder, "\"\(path)\" is no folder"))
            }
        }
        return nil
    }
}

/// A snapshot that one replaces and many read.
private final class SharedSnapshot: Sendable {
    private let value = Mutex(CatalogSnapshot.empty)
    func snapshot() -> CatalogSnapshot { value.withLock { $0 } }
    func set(_ snapshot: CatalogSnapshot) { value.withLock { $0 = snapshot } }
}

/// One tenant's catalogue.
package final class TenantCatalogue: CatalogueSource {
    private let value = SharedSnapshot()
    private let changed = Mutex<(@Sendable () -> Void)?>(nil)

    package func snapshot() -> CatalogSnapshot { value.snapshot() }

    /// Calls `changed` now and after every change, on any thread.
    package func onChange(_ changed: (@Sendable () -> Void)?) {
        self.changed.withLock { $0 = changed }
        changed?()
    }

    func set(_ snapshot: CatalogSnapshot) {
        value.set(snapshot)
        changed.withLock { $0 }?()
    }
}

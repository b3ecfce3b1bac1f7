// SPDX-License-Identifier: Apache-2.0
// Worker: one process as its pool sees it: descriptors, conversation, loaded plugins, running calls. Touched on the
// pool's lane only.

import CorralBase
import CorralCatalog
import CorralWire
import Glibc

final class Worker {
    enum Load {
        case asked(Lane.TimerID)
        case loaded
        case failed(CorralError)
    }

    /// Why the host ends, or gave up on, a worker.
    enum Condemnation {
        case hang
        case violation(CorralError)
        case doesNotRead
        case noGreeting
        case loadHung(ContentDigest)
        case closedItsSocket
        /// Its process uses more than the tenant may.
        case overuse(CorralError)
        case stopping
        /// Its successor serves, and its time to finish is over; nil: a third successor needs its place.
        case retired(after: Duration?)

        /// Whether the host ended it although nothing was wrong with it as a whole.
        var isPlanned: Bool {
            switch self {
            case .hang, .stopping, .retired: true
            case .violation, .doesNotRead, .noGreeting, .loadHung, .closedItsSocket, .overuse: false
            }
        }
    }

    let number: UInt64
    let key: WorkerKey
    let socket: Int32
    let output: Int32
    let crash: Int32
    let startedAt: UInt64
    var state = WorkerListing.State.starting
    var launched: LaunchedWorker?
    /// Kill as soon as the launch has returned.
    var killWhenLaunched = false
    var condemnation: Condemnation?
    /// It is ending because something went wrong: the next start waits for its end, where the backoff is decided.
    var isBroken = false
    var connection = WorkerConnection()
    var decoder = FrameDecoder()
    var outQueue = OutQueue()
    var isBlocked = false
    var readyAt: UInt64?
    var plugins: [CatalogEntry] = []
    var loads: [ContentDigest: Load] = [:]
    /// What it must have loaded before it takes calls; empty for one that loads what calls ask for.
    var preload: [CatalogEntry] = []
    /// It was started to replace another and has not yet.
    var isCandidate = false
    /// A plugin in it wants to be stopped before its next version starts: only calls with an ancestor still begin.
    var isClosing = false
    /// The folders of plugins that it can see.
    var visible: Set<String> = []
    /// What its one plugin may write to.
    var storage: StorageFolder?
    var running: [UInt64: CallRecord] = [:]
    var runningOfPlugin: [ContentDigest: Int] = [:]
    var callsEnded = 0
    var timer: Lane.TimerID?
    var idleTimer: Lane.TimerID?
    var drainTimer: Lane.TimerID?
    var lines = LineSplitter()
    var crashBytes: [UInt8] = []
    var account = WorkerAccount()
    var logGate = RateGate(perSecond: Limits.logLinesPerSecondMax)
    var framePace = PaceGate(perSecond: Limits.smallFramesPerSecondMax)
    /// In kilobytes.
    var printPace = PaceGate(perSecond: Limits.printedBytesPerSecondMax / 1024)
    /// Its socket is not read for a moment, because it sent too much too fast.
    var isPaused = false
    var crashBytesSeen = 0
    /// Processor time that its pool has counted, in nanoseconds.
    var processorsSeen: UInt64 = 0

    init(number: UInt64, key: WorkerKey, socket: Int32, output: Int32, crash: Int32, startedAt: UInt64) {
        self.number = number
        self.key = key
        self.socket = socket
        self.output = output
        self.crash = crash
        self.startedAt = startedAt
    }

    /// The wire's number of a plugin in this worker.
    func numberOf(_ digest: ContentDigest) -> UInt32? {
        plugins.firstIndex { $0.digest == digest }.map { UInt32($0 + 1) }
    }

    func plugin(numbered number: UInt32) -> CatalogEntry? {
        guard number >= 1, Int(number) <= plugins.count else { return nil }
        return plugins[Int(number) - 1]
    }

    /// Plugins that have been asked to load and have not answered.
    var loading: [CatalogEntry] {
        plugins.filter { if case .asked = loads[$0.digest] { true } else { false } }
    }

    /// The same plugin with other content: two versions of one library do not mix in a process.
    func otherVersion(of entry: CatalogEntry) -> CatalogEntry? {
        plugins.first { $0.id == entry.id && $0.digest != entry.digest }
    }

    func sees(_ entry: CatalogEntry) -> Bool { entry.folder.map(visible.contains) ?? true }

    /// Whether it may load the plugin besides what it has.
    func canTake(_ entry: CatalogEntry) -> Bool {
        !isClosing && sees(entry) && otherVersion(of: entry) == nil && plugins.count < Limits.pluginsPerWorkerMax
    }

    func has(_ entry: CatalogEntry) -> Bool {
        plugins.contains { $0.digest == entry.digest && $0.isSame(as: entry) }
    }

    var hasSingleton: Bool { plugins.contains(where: \.isSingleton) }

    /// Whether there is a place for a call of this line now.
    func hasPlace(for line: CallQueue.Line, isSerial: Bool, callsMax: Int) -> Bool {
        guard case .loaded = loads[line.plugin], !isClosing || line.isNested else { return false }
        if isSerial, runningOfPlugin[line.plugin, default: 0] > 0 { return false }
        return running.count < callsMax + (line.isNested ? Limits.workerReservedThreads : 0)
    }

    var listing: WorkerListing {
        WorkerListing(
            key: key, pid: launched?.pid ?? 0, level: launched?.level ?? "", state: state,
            plugins: plugins.map(\.id).sorted { $0.text < $1.text }, callsRunning: running.count,
            callsEnded: callsEnded, startedAt: startedAt)
    }
}

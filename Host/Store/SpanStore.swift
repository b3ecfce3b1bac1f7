// SPDX-License-Identifier: Apache-2.0
// SpanStore: the traces, in a database of their own. They come often, are written in batches without flushing, and may
// be lost in a power cut; a slow disk or a damaged file costs spans, never a run.

import CorralBase
import GRDB
import Glibc

/// One traced stretch of work, in OpenTelemetry's terms.
package struct SpanRecord: Sendable, Hashable {
    /// 32 lower-case hexadecimal digits.
    package var trace: String
    /// 16 lower-case hexadecimal digits.
    package var span: String
    package var parent: String?
    /// Nil for work outside of runs.
    package var run: RunID?
    package var step: String?
    package var item: Int?
    package var attempt: Int?
    package var name: String
    /// `run`, `agent`, `tool`…
    package var kind: String
    /// Wall-clock nanoseconds since 1970.
    package var startedAt: Int64
    /// Until then it waited in a queue; nil when it waited for nothing.
    package var queuedUntil: Int64?
    package var endedAt: Int64?
    /// `ok`, `error` or `unset`.
    package var status: String
    package var attributes: JSON

    package init(
        trace: String, span: String, parent: String? = nil, run: RunID?, step: String? = nil, item: Int? = nil,
        attempt: Int? = nil, name: String, kind: String, startedAt: Int64, queuedUntil: Int64? = nil,
        endedAt: Int64? = nil, status: String = "unset", attributes: JSON = .object([:])
    ) {
        self.trace = trace
        self.span = span
        self.parent = parent
        self.run = run
        self.step = step
        self.item = item
        self.attempt = attempt
        self.name = name
        self.kind = kind
        self.startedAt = startedAt
        self.queuedUntil = queuedUntil
        self.endedAt = endedAt
        self.status = status
        self.attributes = attributes
    }
}

/// Owned by the tenant's lane, like its store.
package final class SpanStore {
    /// Spans that wait to be written; about 4 MB at 1 KiB each. More are dropped and counted.
    package static let pendingMax = 4_096
    /// A full batch is written without being asked: some 5 ms, so a run is never held up for longer.
    private static let batchMax = 512

    private let folder: StoreFolder
    private(set) var writer: SpanWriter?
    private var pending: [SpanRecord] = []
    /// Spans lost because they came faster than the disk took them, or because it took none.
    package private(set) var dropped = 0
    /// Why spans are being lost, or were; nil when all is well. Worth one line in the log.
    package private(set) var problem: CorralError?

    /// Opens `spans.db`. A damaged or foreign file is moved aside and a new one begun; if even that fails, spans are
    /// counted as dropped. See `problem` afterwards.
    /// - Throws: only what `TenantStore` would throw for the folder.
    package init(folder path: String) throws {
        folder = try StoreFolder(creating: path)
        writer = open()
    }

    /// Keeps a span to be written with the next batch. A span may be recorded again when it ends: the later one counts.
    package func record(_ span: SpanRecord) {
        guard pending.count < Self.pendingMax else {
            dropped += 1
            return
        }
        pending.append(span)
        if pending.count % Self.batchMax == 0 { flush() }
    }

    /// Writes what waits. The lane calls it when it is idle and before a trace is read. Never throws: see `problem`.
    package func flush() {
        guard !pending.isEmpty else { return }
        do {
            guard let writer = writer ?? open() else {
                drop()
                return
            }
            self.writer = writer
            try writer.insert(pending)
            pending.removeAll(keepingCapacity: true)
        } catch {
            recover(from: error)
        }
    }

    /// The run's spans by start.
    /// - Throws: `store_corrupt`, `store_io`: the traces cannot be shown.
    package func spans(of run: RunID) throws -> [SpanRecord] {
        flush()
        return try writer?.spans(of: run) ?? []
    }

    /// Deletes the spans of runs that are not kept any more.
    package func deleteSpans(of run: RunID) throws { try writer?.delete(run) }

    /// Deletes spans that started before `time` (wall-clock nanoseconds).
    package func prune(before time: Int64) throws { try writer?.prune(before: time) }

    private func drop() {
        dropped += pending.count
        pending.removeAll(keepingCapacity: true)
    }

    private func recover(from error: any Error) {
        let failure = CorralError.database(error, folder.path(of: "spans.db"))
        switch failure.code {
        case .storeLocked:
            // They wait for the next flush, up to `pendingMax`.
            problem = failure
        case .storeCorrupt, .storeForeign, .storeNewer:
            drop()
            writer = nil
            writer = setAside(failure)
        default:
            problem = failure
            drop()
        }
    }

    private func open() -> SpanWriter? {
        do {
            return try SpanWriter(folder)
        } catch {
            let failure = CorralError.database(error, folder.path(of: "spans.db"))
            switch failure.code {
            case .storeCorrupt, .storeForeign, .storeNewer: return setAside(failure)
            default:
                problem = failure
                return nil
            }
        }
    }

    /// Renames the unusable file, never overwriting an earlier one, and begins a new one.
    private func setAside(_ failure: CorralError) -> SpanWriter? {
        let path = folder.path(of: "spans.db")
        let place = (1...100).lazy.map { path + ".damaged-\($0)" }.first { access($0, F_OK) != 0 }
        guard let place, rename(path, place) == 0 else {
            problem = failure
            return nil
        }
        for suffix in ["-wal", "-shm"] { rename(path + suffix, place + suffix) }
        problem = .spansReset(path, movedTo: place, cause: failure.cause ?? failure.message)
        do {
            return try SpanWriter(folder)
        } catch {
            problem = CorralError.database(error, path)
            return nil
        }
    }
}

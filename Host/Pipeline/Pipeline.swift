// SPDX-License-Identifier: Apache-2.0
// Pipeline: the one way every call takes. Because nothing reaches a worker past it, "every call traced, admitted and
// journaled" holds by construction, for third-party plugins too.
//
// Order, outermost first: trace { admit → detect loops → answer from journal → scan request → record intent → scan response →
// wait for a place → receive { dispatch } }. So the journal holds what policy let through, and a replay is byte-exact.

import CorralBase
import CorralWire

/// One concern around a call. It may look, refuse, answer itself, or pass on what it was given, changed or not.
package protocol Interceptor: Sendable {
    /// - Parameter next: the rest of the pipeline; called at most once.
    func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult
}

/// What a worker gave back, before the host has looked at it.
package struct WorkerOutput: Sendable {
    /// An output file the call pushed.
    package struct File: Sendable {
        package enum Content: Sendable {
            case bytes([UInt8])
            /// An open file, read from its start; it stays open as long as `owner` lives.
            case file(Int32, bytes: Int, owner: any AnyObject & Sendable)
        }

        package var name: String
        package var mediaType: String
        package var content: Content

        package init(name: String, mediaType: String, content: Content) {
            self.name = name
            self.mediaType = mediaType
            self.content = content
        }
    }

    package var result: [UInt8]
    package var files: [File]
    package var confidence: Double?
    package var changes: [Change]
    package var metrics: CallMetrics

    package init(
        result: [UInt8], files: [File], confidence: Double?, changes: [Change], metrics: CallMetrics
    ) {
        self.result = result
        self.files = files
        self.confidence = confidence
        self.changes = changes
        self.metrics = metrics
    }
}

/// Carries a call to the plugin. The engine implements it over its workers; tests script it.
package protocol Dispatcher: Sendable {
    func dispatch(_ call: Call) async throws(CallFailure) -> WorkerOutput
}

package struct Pipeline: Sendable {
    package typealias Next = (Call) async throws(CallFailure) -> CallResult

    private let interceptors: [CallKind: [any Interceptor]]

    /// - Parameter interceptors: for each kind, outermost first. The last answers without calling `next`.
    package init(_ interceptors: [CallKind: [any Interceptor]]) { self.interceptors = interceptors }

    package func perform(_ call: Call) async throws(CallFailure) -> CallResult {
        try await step(0, interceptors[call.kind] ?? [], call)
    }

    private func step(_ index: Int, _ list: [any Interceptor], _ call: Call) async throws(CallFailure) -> CallResult {
        guard index < list.count else {
            throw CallFailure(.internalFault("no interceptor answers a call of kind \(call.kind.rawValue)"))
        }
        return try await list[index].intercept(call) { call async throws(CallFailure) -> CallResult in
            try await step(index + 1, list, call)
        }
    }
}

extension Pipeline {
    /// The interceptors of each kind of call, outermost first. A step's own call needs no grant of a plugin's, but is
    /// admitted by the same rules.
    package static func standard(
        tracer: Tracer, journal: JournalWriter, dispatcher: any Dispatcher, keeper: any ArtifactKeeper,
        scanner: TextScanner, gate: TenantGate, loops: LoopDetector, clock: any HostClock,
        isSerial: @escaping @Sendable (PluginID) -> Bool
    ) -> Pipeline {
        let redactor = Redactor(scanner: scanner)
        let recalled: [any Interceptor] = [
            Tracing(tracer: tracer, clock: clock), Admission(gate: gate, isSerial: isSerial), LoopDetection(loops),
            Recall(journal: journal),
        ]
        let (journaling, queueing) = (Journaling(journal: journal, clock: clock), Queueing(gate: gate))
        let unseen = Reception(dispatcher: dispatcher, keeper: keeper, files: nil)
        let all: [any Interceptor] =
            recalled + [
                RequestScanning(scanner: scanner), journaling, ResponseScanning(scanner: scanner, redactor: redactor),
                queueing, Reception(dispatcher: dispatcher, keeper: keeper, files: FileScan(scanner: scanner)),
            ]
        let operation: [any Interceptor] = recalled + [journaling, queueing, Operating()]
        // What goes to memory was redacted by its service.
        let memory: [any Interceptor] = recalled + [journaling, queueing, unseen]
        // What the host asks for itself is in no journal and not scanned; exporting spans makes none.
        let infrastructure: [any Interceptor] = Array(recalled.dropLast()) + [queueing, unseen]
        let export = infrastructure.filter { !($0 is Tracing) }
        return Pipeline([
            .agent: all, .toolStep: all, .toolUse: all, .http: operation, .mail: operation, .connect: operation,
            .process: operation, .secret: operation, .prompt: operation, .memoryUse: operation, .memory: memory,
            .scan: infrastructure, .judge: infrastructure, .notify: infrastructure, .export: export,
        ])
    }
}

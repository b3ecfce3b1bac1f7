// SPDX-License-Identifier: Apache-2.0

/// A plugin of one of the host's own kinds, without its types.
struct KindExport: Sendable {
    /// The functions of an activated instance, by method.
    struct Live: Sendable {
        var functions: [String: CallWork]
        var deactivate: @Sendable () -> Void
    }

    /// The kind's extension id.
    let id: String
    /// The kind's section of the manifest.
    var classes: [ScanClass] = []
    var criteria: [JudgeCriterion] = []
    let activate: @Sendable (Activation) throws -> Live

    init<M: Memory>(memory type: M.Type) {
        id = CORRAL_EXT_MEMORY
        activate = { activation in
            let memory = try M(activation)
            return Live(
                functions: [
                    "put": work { try await memory.put($0, $1) },
                    "get": work { (request: MemoryGet, context) in
                        FoundEntry(entry: try await memory.get(request, context))
                    },
                    "search": work { (request: MemorySearch, context) in
                        FoundEntries(entries: try await memory.search(request, context))
                    },
                    "list": work { try await memory.list($0, $1) },
                    "forget": work { (request: MemoryForget, context) in
                        Forgotten(forgotten: try await memory.forget(request, context))
                    },
                ], deactivate: { memory.deactivate() })
        }
    }

    init<S: Scanner>(scanner type: S.Type) {
        id = CORRAL_EXT_SCANNER
        classes = S.classes
        activate = { activation in
            let scanner = try S(activation)
            return Live(
                functions: [
                    "scan": work { (request: ScanRequest, context) in
                        Findings(findings: try await scanner.scan(request, context))
                    }
                ], deactivate: { scanner.deactivate() })
        }
    }

    init<J: Judge>(judge type: J.Type) {
        id = CORRAL_EXT_JUDGE
        criteria = J.criteria
        activate = { activation in
            let judge = try J(activation)
            return Live(
                functions: [
                    "judge": work { (request: JudgeRequest, context) in
                        Scores(scores: try await judge.judge(request, context))
                    }
                ], deactivate: { judge.deactivate() })
        }
    }

    init<N: Notifier>(notifier type: N.Type) {
        id = CORRAL_EXT_NOTIFIER
        activate = { activation in
            let notifier = try N(activation)
            return Live(
                functions: [
                    "notify": work { (notification: Notification, context) in
                        Delivery(detail: try await notifier.notify(notification, context))
                    }
                ], deactivate: { notifier.deactivate() })
        }
    }

    init<T: Tracer>(tracer type: T.Type) {
        id = CORRAL_EXT_TRACER
        activate = { activation in
            let tracer = try T(activation)
            return Live(
                functions: [
                    "export": { request, context in
                        let receipt = try await tracer.export(SpanBatch(json: request.bytes), context)
                        return CallOutcome(json: try JSONWriter.bytes(of: receipt, named: "result"))
                    }
                ], deactivate: { tracer.deactivate() })
        }
    }
}

/// A function of a kind, without its types.
private func work<Request: Decodable & SendableMetatype, Answer: Encodable & SendableMetatype>(
    _ body: @escaping @Sendable (Request, PluginContext) async throws -> Answer
) -> CallWork {
    { request, context in
        let answer = try await body(try request.decode(Request.self, as: "request"), context)
        return CallOutcome(json: try JSONWriter.bytes(of: answer, named: "result"))
    }
}

struct FoundEntry: Codable {
    var entry: MemoryEntry?

    enum CodingKeys: String, CodingKey { case entry }

    init(entry: MemoryEntry?) { self.entry = entry }

    /// Nothing found is stated, not left out.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(entry, forKey: .entry)
    }
}

struct FoundEntries: Codable { var entries: [MemoryEntry] }
struct Forgotten: Codable { var forgotten: Int }
private struct Findings: Encodable { var findings: [ScanFinding] }
private struct Scores: Encodable { var scores: [JudgeScore] }
private struct Delivery: Encodable { var detail: String? }

// SPDX-License-Identifier: Apache-2.0

// The life of a call: the work as a task, its outcome, its end.
extension LiveCall {
    /// Starts the work; the call is completed when it is done. `whenOver` runs just before the completion.
    func start(
        _ work: @escaping CallWork, input: CallInput, context: AgentContext, whenOver: @escaping @Sendable () -> Void
    ) {
        // Unstructured because the host's thread must not wait: the task's end is the call's completion.
        let task = Task.detached {
            let status = await self.carryOut(work, input, context)
            whenOver()
            self.complete(status)
        }
        let isLate = state.withLock { state in
            guard !state.isOver else { return false }
            state.task = task
            return state.isCancelled
        }
        if isLate { task.cancel() }
    }

    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    private func carryOut(_ work: CallWork, _ input: CallInput, _ context: AgentContext) async -> corral_status {
        do {
            try await deliver(try await work(input, context))
            return CORRAL_OK
        } catch is CancellationError {
            return CORRAL_CANCELLED
        } catch let invalid as InvalidInput {
            report(invalid.reason)
            return CORRAL_INVALID
        } catch let error as AgentError {
            report(error)
            return CORRAL_FAILED
        } catch {
            report(AgentError("failed", Self.words(for: error)))
            return CORRAL_FAILED
        }
    }

    private func deliver(_ outcome: CallOutcome) async throws {
        if let confidence = outcome.confidence, host.table.pointee.set_confidence(handle, confidence) == CORRAL_INVALID
        {
            throw AgentError("invalid_confidence", "the confidence is \(confidence), which is not from 0 to 1")
        }
        for change in outcome.changes {
            let status = Slice.with(change.changeClass) { name in
                Slice.with(change.target) { host.table.pointee.add_change(handle, name, $0) }
            }
            if status == CORRAL_LIMIT { throw AgentError("limit", "the host takes no more changes of this call") }
        }
        try await push(outcome.json, to: .result)
    }

    private func report(_ error: AgentError) {
        let details = error.details.flatMap(Self.json)
        Slice.with(error.code) { code in
            Slice.with(error.message) { message in
                Slice.with(details ?? []) { details in
                    var raw = corral_error()
                    raw.struct_size = UInt32(MemoryLayout<corral_error>.size)
                    raw.is_retryable = error.isRetryable ? 1 : 0
                    raw.code = code
                    raw.message = message
                    raw.details = details
                    _ = host.table.pointee.set_error(handle, &raw)
                }
            }
        }
    }

    /// Details that hold a number without a JSON form are left out: an error about an error would hide the first one.
    private static func json(_ details: JSON) -> [UInt8]? {
        try? JSONWriter.bytes(of: details, named: "details")
    }

    /// A bare case name such as "empty" says too little without its type.
    private static func words(for error: any Error) -> String {
        if error is any CustomStringConvertible { return String(describing: error) }
        let isCase = Mirror(reflecting: error).displayStyle == .enum
        return isCase ? "\(type(of: error)).\(error)" : String(describing: error)
    }
}

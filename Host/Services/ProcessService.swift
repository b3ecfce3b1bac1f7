// SPDX-License-Identifier: Apache-2.0
// ProcessService: the host service "corral.host.process/1": a plugin's call runs a program of the operator's, by name, in a
// sandbox of its own. Nothing of it outlives the call.

import CorralBase
import CorralPipeline
import CorralWire
import Glibc
import Synchronization

extension Limits {
    /// What a plugin may add to a program's command line; the kernel's own limit for one argument is 128 KiB.
    package static let programArgumentsMax = 256
    package static let programArgumentBytesMax = 64 << 10
    /// Programs of one tenant at once: each is some processes, and one that is run to its end a thread of the host's.
    package static let programsAtOnceMax = 16
}

/// One per tenant.
package final class ProcessService: HostService {
    package let id = "corral.host.process/1"
    private let programs: [String: Program]
    private let launcher: any ProgramLauncher

    private struct State {
        var next: Int64 = 1
        /// Programs whose end is still to come.
        var alive = 0
        /// Those of calls that are not over, ended or not.
        var known: [Int64: RunningProgram] = [:]
    }

    private let state = Mutex(State())

    package init(programs: [String: Program], launcher: any ProgramLauncher) {
        self.programs = programs
        self.launcher = launcher
    }

    package func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        do throws(CorralError) {
            switch request.method {
            case "start": return try await start(request, parent, pipeline)
            case "run": return try await run(request, parent, pipeline)
            case "wait": return try await wait(request)
            case "stop": return try stop(request)
            default: throw .serviceRequestInvalid("\"\(request.method.prefix(40))\" is none of start, run, wait, stop")
            }
        } catch {
            return ServiceAnswer(CallFailure(error))
        }
    }

    // MARK: Raw pipes

    private func start(
        _ request: ServiceRequest, _ parent: LiveCall, _ pipeline: Pipeline
    ) async throws(CorralError) -> ServiceAnswer {
        let asked = try asked(request)
        let started = Promise<Result<(RunningProgram, ProgramEnds), CallFailure>>()
        let operation = ServiceOperation(
            target: asked.name, refusal: refusal(of: asked.name, request, parent), replay: .opaque
        ) { [self] call async throws(CallFailure) in
            let running = try await launch(asked, call, parent.life) { started.keep(.success(($0, $1))) }
            let (exit, reason) = await running.gone()
            return result(exit, reason, [:])
        }
        let call = request.call(of: parent, kind: .process, operation: operation)
        try parent.life.hold {
            // The pipeline's call lasts as long as the program: its intent is the start, its result the end.
            do throws(CallFailure) { _ = try await pipeline.perform(call) } catch { started.keep(.failure(error)) }
        }
        switch await started.value {
        case .failure(let failure): return ServiceAnswer(failure)
        case .success(let (running, ends)):
            let value: JSON = ["process": .int(running.number)]
            return .success(value.bytes(), descriptors: [ends.input, ends.output, ends.errors])
        }
    }

    private func wait(_ request: ServiceRequest) async throws(CorralError) -> ServiceAnswer {
        let running = try running(request)
        let (exit, reason) = await running.gone()
        return .success(JSON.object(exit.json(reason)).bytes())
    }

    private func stop(_ request: ServiceRequest) throws(CorralError) -> ServiceAnswer {
        try running(request).end(.stopped)
        return .success(Array("{}".utf8))
    }

    private func running(_ request: ServiceRequest) throws(CorralError) -> RunningProgram {
        let number = request.arguments["process"]?.intValue ?? 0
        // Of another call, it is none of this one's business, though it may be the same worker's.
        guard let running = state.withLock({ $0.known[number] }), running.call == request.call else {
            throw .processUnknown(number)
        }
        return running
    }

    // MARK: To its end

    private func run(
        _ request: ServiceRequest, _ parent: LiveCall, _ pipeline: Pipeline
    ) async throws(CorralError) -> ServiceAnswer {
        let asked = try asked(request)
        let input = try input(request)
        let answer = Promise<Result<CallResult, CallFailure>>()
        let operation = ServiceOperation(
            target: asked.name, refusal: refusal(of: asked.name, request, parent)
        ) { [self] call async throws(CallFailure) in
            guard let wake = OwnedDescriptor.pipe() else { throw CallFailure(.pipesUnavailable(errorText(errno))) }
            let pumping = Promise<ProgramPump>()
            let running = try await launch(asked, call, parent.life) { _, ends in
                let pump = ProgramPump(output: ends.output, errors: ends.errors, wake: wake)
                pump.start(input, to: ends.input)
                pumping.keep(pump)
            }
            let pump = await pumping.value
            let (exit, reason) = await running.gone()
            pump.programIsGone()
            let collected = await pump.collected
            // What the end of its call cut short is no result that a repetition may be answered with.
            if reason == .callOver { throw CallFailure(.callGone(call.id), fault: .infrastructure) }
            return result(exit, reason, collected.json)
        }
        let call = request.call(of: parent, kind: .process, operation: operation)
        try parent.life.hold {
            do throws(CallFailure) {
                answer.keep(.success(try await pipeline.perform(call)))
            } catch { answer.keep(.failure(error)) }
        }
        switch await answer.value {
        case .success(let result): return .success(result.bytes)
        case .failure(let failure): return ServiceAnswer(failure)
        }
    }

    private func input(_ request: ServiceRequest) throws(CorralError) -> [UInt8] {
        if let text = request.arguments["input"]?.stringValue { return Array(text.utf8) }
        guard let encoded = request.arguments["input_base64"] else { return [] }
        guard let bytes = encoded.stringValue.flatMap({ Base64.bytes($0) }) else {
            throw .serviceRequestInvalid("\"input_base64\" is no base64 text")
        }
        return bytes
    }

    // MARK: Both

    private struct Asked: Sendable {
        var name: String
        var program: Program?
        var arguments: [String]
        var timeout: Duration?
    }

    private func asked(_ request: ServiceRequest) throws(CorralError) -> Asked {
        guard let name = request.arguments["program"]?.stringValue, isProgramName(name) else {
            throw .serviceRequestInvalid("it must name a \"program\" of the configuration, not a path")
        }
        let list = request.arguments["arguments"]?.arrayValue ?? []
        let arguments = list.compactMap(\.stringValue)
        let isFit =
            arguments.count == list.count && arguments.count <= Limits.programArgumentsMax
            && arguments.allSatisfy { !$0.utf8.contains(0) && $0.utf8.count <= Limits.programArgumentBytesMax }
        guard isFit else {
            throw .serviceRequestInvalid(
                "\"arguments\" must be a list of at most \(Limits.programArgumentsMax) texts without NUL")
        }
        let timeout = request.arguments["timeout_ms"]?.intValue.map { Duration.milliseconds(max(1, $0)) }
        return Asked(name: name, program: programs[name], arguments: arguments, timeout: timeout)
    }

    private func refusal(of name: String, _ request: ServiceRequest, _ parent: LiveCall) -> CorralError? {
        if request.grants.process.contains(name) { return nil }
        return .notGranted(
            caller: parent.call.plugin, "the program \"\(name)\"", granted: request.grants.process,
            allow: "process: [\(name)]")
    }

    /// - Parameter hand: gets our ends of the pipes. They are held nowhere else, or a program would wait for the end of
    ///   an input that the host still has open.
    private func launch(
        _ asked: Asked, _ call: Call, _ life: CallLife, _ hand: @Sendable (RunningProgram, ProgramEnds) -> Void
    ) async throws(CallFailure) -> RunningProgram {
        let caller = if case .plugin(_, let parent, _) = call.caller { parent } else { call.id }
        do throws(CorralError) {
            guard let program = asked.program else {
                throw .programUndefined(asked.name, known: programs.keys.sorted())
            }
            guard access(program.path, X_OK) == 0 else {
                throw .programNotThere(asked.name, path: program.path, cause: errorText(errno))
            }
            let running = try admit(caller)
            do throws(CorralError) {
                let (ours, theirs) = try Self.pipes()
                let kill = try await launcher.launch(
                    program, arguments: program.arguments + asked.arguments, ends: theirs, tenant: call.tenant
                ) { running.exited($0) }
                running.launched(kill)
                watch(running, until: deadline(asked, program, call), life)
                hand(running, ours)
            } catch {
                forget(running, isAlive: true)
                throw error
            }
            return running
        } catch { throw CallFailure(error) }
    }

    private func admit(_ call: UInt64) throws(CorralError) -> RunningProgram {
        let running: RunningProgram? = state.withLock { state in
            guard state.alive < Limits.programsAtOnceMax else { return nil }
            let running = RunningProgram(number: state.next, call: call)
            state.next += 1
            state.alive += 1
            state.known[running.number] = running
            return running
        }
        guard let running else { throw .tooManyPrograms() }
        return running
    }

    private func forget(_ running: RunningProgram, isAlive: Bool) {
        state.withLock { state in
            state.known[running.number] = nil
            if isAlive { state.alive -= 1 }
        }
    }

    private func deadline(_ asked: Asked, _ program: Program, _ call: Call) -> Duration {
        let left = Duration.nanoseconds(Int64(clamping: call.deadline) - Int64(clamping: monotonicNanoseconds()))
        return min(min(asked.timeout ?? program.timeout, program.timeout), left)
    }

    /// Ends it at its deadline and with its call.
    private func watch(_ running: RunningProgram, until deadline: Duration, _ life: CallLife) {
        // Not structured: they end with the program, which ends with the call.
        let timer = Task {
            try? await Task.sleep(for: max(.zero, deadline))
            if !Task.isCancelled { running.end(.deadline) }
        }
        Task {
            await life.over()
            running.end(.callOver)
            _ = await running.gone()
            forget(running, isAlive: false)
        }
        Task {
            _ = await running.gone()
            timer.cancel()
            state.withLock { $0.alive -= 1 }
        }
    }

    private func result(
        _ exit: ProgramExit, _ reason: RunningProgram.Reason?, _ more: JSONObject
    ) -> CallResult {
        var object = exit.json(reason)
        for (name, value) in more.members { object[name] = value }
        let value = JSON.object(object)
        var result = CallResult(value: value, bytes: value.bytes())
        result.metrics.attributes = exit.attributes
        if let reason { result.metrics.attributes["corral.program.ended_by"] = .string(reason.rawValue) }
        return result
    }

    private static func pipes() throws(CorralError) -> (ours: ProgramEnds, theirs: ProgramEnds) {
        guard let input = OwnedDescriptor.pipe(), let output = OwnedDescriptor.pipe(),
            let errors = OwnedDescriptor.pipe()
        else { throw .pipesUnavailable(errorText(errno)) }
        return (
            ProgramEnds(input: input.writing, output: output.reading, errors: errors.reading),
            ProgramEnds(input: input.reading, output: output.writing, errors: errors.writing)
        )
    }
}

extension ProgramPump.Output {
    var json: JSONObject {
        var object = JSONObject()
        for (name, bytes) in [("output", output), ("errors", errors)] {
            if let text = String(validating: bytes, as: UTF8.self) {
                object[name] = .string(text)
            } else {
                object[name + "_base64"] = .string(Base64.text(bytes))
            }
        }
        if isTruncated { object["truncated"] = true }
        return object
    }
}

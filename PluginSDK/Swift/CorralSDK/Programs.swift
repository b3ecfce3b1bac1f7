// SPDX-License-Identifier: Apache-2.0

/// Programs that the operator has given a name, on behalf of one call: ``AgentContext/process``.
public struct Programs: Sendable {
    let call: LiveCall

    /// How a program ended.
    public struct Ending: Sendable, Hashable, Decodable {
        /// The program's own status; nil when a signal ended it.
        public var exit: Int?
        public var signal: Int?
        /// Why the host ended it: `deadline`, `stopped`; nil when it ended by itself.
        public var reason: String?
    }

    /// What a program that ran to its end left behind.
    public struct Output: Sendable {
        public var ending: Ending
        public var output: [UInt8]
        public var errors: [UInt8]
        /// Whether it printed more than the host keeps (4 MiB of each).
        public var isTruncated: Bool

        public var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// A program that runs, with its pipes. It is ended with the call.
    public struct Running: Sendable {
        let call: LiveCall
        let number: UInt64
        /// Close it when all is written: most programs wait for the end of their input.
        public let input: ByteStream
        public let output: ByteStream
        public let errors: ByteStream

        /// Waits for its end.
        public func wait() async throws -> Ending {
            let answer = try await call.ask(
                CORRAL_EXT_HOST_PROCESS, as: corral_host_process.self, denial: Programs.denial
            ) { service, argument in service.wait(call.handle, number, programCompleted, argument) }
            return try JSONReader.value(
                Ending.self, from: try answer.value(of: "waiting for a program"), named: "ending")
        }

        /// Ends it and all that it started.
        public func stop() {
            guard let service = call.host.service(CORRAL_EXT_HOST_PROCESS, as: corral_host_process.self) else { return }
            _ = service.pointee.stop(call.handle, number)
        }
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - program: the operator's name for it, never a path.
    ///   - input: at most some hundred KiB; larger ones go through the pipes of ``start(_:arguments:timeout:)``.
    /// - Throws: ``AgentError`` when the host refuses it or cannot run it; a status other than 0 is an answer.
    public func run(
        _ program: String, arguments: [String] = [], input: [UInt8] = [], timeout: Duration? = nil
    ) async throws -> Output {
        let json = try JSONWriter.bytes(
            of: Message(program, arguments, input, timeout), named: "request")
        let answer = try await call.ask(
            CORRAL_EXT_HOST_PROCESS, as: corral_host_process.self, denial: Self.denial
        ) { service, argument in
            Slice.with(json) { service.run(call.handle, $0, programCompleted, argument) }
        }
        let bytes = try answer.value(of: "the program \(program)")
        let ending = try JSONReader.value(Ending.self, from: bytes, named: "ending")
        return try JSONReader.value(Reply.self, from: bytes, named: "output").output(ending)
    }

    /// Starts a program. What goes through its pipes is not journaled: the step is marked opaque.
    ///
    /// - Throws: as ``run(_:arguments:input:timeout:)``.
    public func start(
        _ program: String, arguments: [String] = [], timeout: Duration? = nil
    ) async throws -> Running {
        let json = try JSONWriter.bytes(of: Message(program, arguments, [], timeout), named: "request")
        let answer = try await call.ask(
            CORRAL_EXT_HOST_PROCESS, as: corral_host_process.self, denial: Self.denial
        ) { service, argument in
            Slice.with(json) { service.start(call.handle, $0, programStarted, argument) }
        }
        // Taken first, so that they are closed whatever goes wrong.
        let streams = answer.descriptors.map { ByteStream($0) }
        let started = try JSONReader.value(
            Started.self, from: try answer.value(of: "the program \(program)"), named: "started")
        guard streams.count == 3 else { throw AgentError("failed", "the host sent no pipes") }
        return Running(
            call: call, number: started.process, input: streams[0], output: streams[1], errors: streams[2])
    }

    static let denial = "this plugin has no grant for programs; its card must ask for them and policy allow it"

    private struct Started: Decodable { var process: UInt64 }

    private struct Message: Encodable {
        var program: String
        var arguments: [String]
        var input: String?
        var encodedInput: String?
        var milliseconds: Int64?

        enum CodingKeys: String, CodingKey {
            case program, arguments, input
            case encodedInput = "input_base64"
            case milliseconds = "timeout_ms"
        }

        init(_ program: String, _ arguments: [String], _ input: [UInt8], _ timeout: Duration?) {
            self.program = program
            self.arguments = arguments
            if !input.isEmpty {
                self.input = String(validating: input, as: UTF8.self)
                if self.input == nil { encodedInput = Base64.text(input) }
            }
            milliseconds = timeout.map { max(1, Int64($0 / .milliseconds(1))) }
        }
    }

    private struct Reply: Decodable {
        var output: String?
        var encodedOutput: String?
        var errors: String?
        var encodedErrors: String?
        var truncated: Bool?

        enum CodingKeys: String, CodingKey {
            case output, errors, truncated
            case encodedOutput = "output_base64"
            case encodedErrors = "errors_base64"
        }

        func output(_ ending: Ending) -> Output {
            Output(
                ending: ending, output: Self.bytes(output, encodedOutput), errors: Self.bytes(errors, encodedErrors),
                isTruncated: truncated ?? false)
        }

        private static func bytes(_ text: String?, _ encoded: String?) -> [UInt8] {
            text.map { Array($0.utf8) } ?? encoded.flatMap { Base64.bytes($0) } ?? []
        }
    }
}

private func programStarted(
    _ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice, _ input: Int32,
    _ output: Int32, _ errors: Int32
) {
    HostWait.finish(argument, status, result, [input, output, errors])
}

private func programCompleted(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice) {
    HostWait.finish(argument, status, result)
}

// SPDX-License-Identifier: Apache-2.0

extension AgentContext {
    /// HTTP requests, by the grant `http` of the plugin's card.
    public var http: HTTPClient { HTTPClient(call: call) }

    /// Programs of the operator's, by the grant `process`.
    public var process: Programs { Programs(call: call) }

    /// A connected TCP socket, by the grant `connect`. It ends with the call. What goes over it is not journaled: the step
    /// is marked opaque.
    ///
    /// - Throws: ``AgentError`` when the host refuses it or nobody answers there; `CancellationError`.
    public func connect(host: String, port: Int) async throws -> ByteStream {
        let endpoint = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let answer = try await call.ask(
            CORRAL_EXT_HOST_CONNECT, as: corral_host_connect.self,
            denial:
                "this plugin has no grant for connections; its card must ask for \"\(endpoint)\" and policy allow it"
        ) { service, argument in
            Slice.with(endpoint) { service.open(call.handle, $0, connected, argument) }
        }
        let streams = answer.descriptors.map { ByteStream($0) }
        _ = try answer.value(of: "the connection to \(endpoint)")
        guard let stream = streams.first else { throw AgentError("failed", "the host sent no socket") }
        return stream
    }

    /// The value of a secret, by the grant `secrets`. Most plugins need none: in an HTTP request the broker puts
    /// `${secret:NAME}` in. Keep it out of results and logs.
    ///
    /// - Throws: ``AgentError`` when the host refuses it or has no such secret; `CancellationError`.
    public func secret(_ name: String) async throws -> String {
        let answer = try await call.ask(
            CORRAL_EXT_HOST_SECRET, as: corral_host_secret.self,
            denial: "this plugin has no grant for secrets; its card must ask for \"\(name)\" and policy allow it"
        ) { service, argument in
            Slice.with(name) { service.reveal(call.handle, $0, secretRevealed, argument) }
        }
        return String(decoding: try answer.value(of: "the secret \(name)"), as: UTF8.self)
    }
}

private func connected(
    _ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice, _ socket: Int32
) {
    HostWait.finish(argument, status, result, [socket])
}

private func secretRevealed(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ value: corral_slice) {
    HostWait.finish(argument, status, value)
}

// SPDX-License-Identifier: Apache-2.0

/// An HTTP request of a plugin. The worker has no network: the host checks it against the plugin's grants, and the broker
/// makes it.
public struct HTTPRequest: Sendable {
    public var method: String
    public var url: String
    /// In order. A value may be `${secret:NAME}`: the broker puts it in for hosts that the operator bound the secret to.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Nil: the host's own limit; the call's deadline comes first.
    public var timeout: Duration?
    /// Redirects that are followed; nil: the host's own limit.
    public var redirects: Int?
    /// The broker signs the request with the operator's keys, which the plugin never sees.
    public var signature: Signature?

    /// Headers of Standard Webhooks 1.0, with the time of the attempt.
    public struct Signature: Sendable, Hashable {
        /// 1 to 128 letters, digits, `_` and `-`; the same in every attempt.
        public var id: String
        /// Names of secrets of scheme `signature`; more than one while keys are changed.
        public var secrets: [String]

        public init(id: String, secrets: [String]) {
            self.id = id
            self.secrets = secrets
        }
    }

    public init(
        _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        timeout: Duration? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// What a server answered, whatever its status.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    /// Empty when it was a stream.
    public var body: [UInt8]
    /// Where it came from in the end, after redirects.
    public var url: String

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The first header of this name, in whatever case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as JSON.
    /// - Throws: ``AgentError`` with code `invalid_response`, naming the place.
    public func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONReader.value(type, from: body, named: "response of \(url)")
    }
}

/// A server-sent event (WHATWG HTML, section 9.2).
public struct ServerEvent: Sendable, Codable, Hashable {
    /// `message` unless the server said otherwise.
    public var event: String
    public var data: String
    /// Nil when the server gave none.
    public var id: String?
}

/// HTTP on behalf of one call: ``AgentContext/http``.
public struct HTTPClient: Sendable {
    let call: LiveCall

    public func get(_ url: String, headers: [(name: String, value: String)] = []) async throws -> HTTPResponse {
        try await send(HTTPRequest("GET", url, headers: headers))
    }

    /// Posts a value as JSON.
    public func post<Body: Encodable>(
        _ url: String, json body: Body, headers: [(name: String, value: String)] = []
    ) async throws -> HTTPResponse {
        let bytes = try JSONWriter.bytes(of: body, named: "body")
        return try await send(
            HTTPRequest("POST", url, headers: [("content-type", "application/json")] + headers, body: bytes))
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: ``AgentError`` with the host's code when it refuses the request (no grant, an address that is not
    ///   allowed) or nobody answers; `CancellationError` when the call was cancelled meanwhile. A status such as 404 is
    ///   an answer.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await ask(request, isStream: false, event: nil)
    }

    /// Sends a request whose answer is a stream of server-sent events, and returns when it has ended.
    ///
    /// - Parameter receive: called for each event, in order, one at a time, on a thread of the worker. While it runs the
    ///   server is slowed down.
    /// - Throws: as ``send(_:)``.
    public func stream(
        _ request: HTTPRequest, _ receive: @escaping @Sendable (ServerEvent) -> Void
    ) async throws -> HTTPResponse {
        try await ask(request, isStream: true) { bytes in
            let batch = try? JSONReader.value(Batch.self, from: bytes, named: "events")
            for event in batch?.events ?? [] { receive(event) }
        }
    }

    private func ask(
        _ request: HTTPRequest, isStream: Bool, event: (@Sendable ([UInt8]) -> Void)?
    ) async throws -> HTTPResponse {
        let json = try JSONWriter.bytes(of: Message(request, isStream: isStream), named: "request")
        let answer = try await call.ask(
            CORRAL_EXT_HOST_HTTP, as: corral_host_http.self,
            denial: "this plugin has no grant for HTTP; its card must ask for \(request.url) and policy allow it",
            event: event
        ) { service, argument in
            Slice.with(json) {
                service.start(call.handle, $0, event == nil ? nil : httpEvent, httpCompleted, argument)
            }
        }
        let bytes = try answer.value(of: "the request \(request.method) \(request.url)")
        return try JSONReader.value(Reply.self, from: bytes, named: "response").response
    }

    private struct Batch: Decodable { var events: [ServerEvent] }

    private struct Message: Encodable {
        var method: String
        var url: String
        var headers: [[String]]
        var body: String?
        var encodedBody: String?
        var milliseconds: Int64?
        var stream: Bool?
        var redirects: Int?
        var sign: Sign?

        struct Sign: Encodable {
            var id: String
            var secrets: [String]
        }

        enum CodingKeys: String, CodingKey {
            case method, url, headers, body, stream, sign
            case encodedBody = "body_base64"
            case milliseconds = "timeout_ms"
            case redirects = "max_redirects"
        }

        init(_ request: HTTPRequest, isStream: Bool) {
            method = request.method
            url = request.url
            headers = request.headers.map { [$0.name, $0.value] }
            if !request.body.isEmpty {
                body = String(validating: request.body, as: UTF8.self)
                if body == nil { encodedBody = Base64.text(request.body) }
            }
            milliseconds = request.timeout.map { max(1, Int64($0 / .milliseconds(1))) }
            stream = isStream ? true : nil
            redirects = request.redirects
            sign = request.signature.map { Sign(id: $0.id, secrets: $0.secrets) }
        }
    }

    private struct Reply: Decodable {
        var status: Int
        var headers: [[String]]?
        var body: String?
        var encodedBody: String?
        var url: String?

        enum CodingKeys: String, CodingKey {
            case status, headers, body, url
            case encodedBody = "body_base64"
        }

        var response: HTTPResponse {
            let pairs = (headers ?? []).compactMap { $0.count == 2 ? (name: $0[0], value: $0[1]) : nil }
            let bytes = body.map { Array($0.utf8) } ?? encodedBody.flatMap { Base64.bytes($0) } ?? []
            return HTTPResponse(status: status, headers: pairs, body: bytes, url: url ?? "")
        }
    }
}

private func httpEvent(_ argument: UnsafeMutableRawPointer?, _ event: corral_slice) {
    guard let argument else { return }
    Unmanaged<HostWait>.fromOpaque(argument).takeUnretainedValue().event?(event.bytes)
}

private func httpCompleted(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice) {
    HostWait.finish(argument, status, result)
}

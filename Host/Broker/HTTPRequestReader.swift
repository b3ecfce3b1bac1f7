// SPDX-License-Identifier: Apache-2.0
// HTTPRequestReader: a plugin's request, which is JSON, becomes a request for the broker, checked in everything that can
// be checked without the network. Where it leads is read in the narrowest grammar that will do (`RequestAddress`).

import CorralBase
import CorralWire

package struct HTTPRequestReader: Sendable {
    package var rules: [NetworkRule]
    package var vault: SecretVault
    package var tenant: TenantID
    /// Goes out with requests that change something, unless the plugin sets one.
    package var idempotencyKey: String
    /// What the request may take at most: the asking call's own deadline.
    package var timeLeft: Duration

    package init(
        rules: [NetworkRule], vault: SecretVault, tenant: TenantID, idempotencyKey: String, timeLeft: Duration
    ) {
        self.rules = rules
        self.vault = vault
        self.tenant = tenant
        self.idempotencyKey = idempotencyKey
        self.timeLeft = timeLeft
    }

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    private static let members = [
        "method", "url", "headers", "body", "body_base64", "timeout_ms", "stream", "max_redirects", "sign",
    ]
    /// Where a request leads, how long it is and how it is packed is for the broker to say.
    private static let reservedHeaders: Set = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "proxy-authorization", "te", "trailer", "upgrade", "expect", "accept-encoding", "http2-settings",
    ]

    /// Where a request leads and with which method, for the span and the check of grants; before anything else of it
    /// is looked at.
    package static func target(_ json: JSON) throws(CorralError) -> (method: String, address: RequestAddress) {
        for name in json.objectValue?.keys ?? [] where !members.contains(name) {
            throw .httpRequestInvalid(
                "it has no member \"\(name.prefix(40))\"", didYouMean(name, among: members))
        }
        let method = json["method"] == nil ? "GET" : json["method"]?.stringValue ?? ""
        guard methods.contains(method) else {
            throw .httpRequestInvalid(
                "the method \"\(method.prefix(20))\" is none", "use one of " + methods.joined(separator: ", "))
        }
        guard let url = json["url"]?.stringValue else { throw .httpRequestInvalid("\"url\" is missing", nil) }
        return (method, try RequestAddress(url))
    }

    /// - Throws: `http_request_invalid`, `url_invalid`, `http_not_granted`, `secret_not_bound`, `secret_misplaced`,
    ///   `secret_unavailable`.
    package func read(_ json: JSON) throws(CorralError) -> BrokerRequest {
        let (method, address) = try Self.target(json)
        guard case .allowed(let reach) = rules.verdict(address.origin, method: method) else {
            throw .httpNotGranted(method, address.origin)
        }
        var request = BrokerRequest(
            method: method, url: address.text, origin: address.origin, headers: try headers(json, method),
            body: try body(json, method), rules: rules)
        request.secrets = try secrets(in: request, address, reach)
        request.signature = try signature(json, address.origin, reach)
        request.isStream = try flag(json, "stream")
        if let most = try number(json, "max_redirects", 0...Int64(Limits.httpRedirectsMax)) {
            request.redirectsMax = Int(most)
        }
        request.times = times(
            try number(json, "timeout_ms", 1...Int64(Limits.httpSecondsMax) * 1000), isStream: request.isStream)
        return request
    }

    // MARK: Parts

    private func headers(_ json: JSON, _ method: String) throws(CorralError) -> [BrokerRequest.Header] {
        var headers: [BrokerRequest.Header] = []
        guard let list = json["headers"] == nil ? [] : json["headers"]?.arrayValue else {
            throw .httpRequestInvalid("\"headers\" is no list", "write [[\"Name\", \"value\"], …]")
        }
        for item in list {
            guard let pair = item.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                let value = pair[1].stringValue
            else { throw .httpRequestInvalid("a header is no pair of texts", "write [\"Name\", \"value\"]") }
            try check(name, value)
            headers.append(BrokerRequest.Header(name, value))
        }
        let bytes = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard headers.count <= Limits.httpHeadersMax, bytes <= Limits.httpHeaderBytesMax else {
            throw .httpRequestInvalid("\(headers.count) headers of \(bytes) bytes are too many", nil)
        }
        let hasKey = headers.contains { $0.name.lowercased() == "idempotency-key" }
        if !hasKey, !["GET", "HEAD", "OPTIONS"].contains(method) {
            headers.append(BrokerRequest.Header("Idempotency-Key", idempotencyKey))
        }
        return headers
    }

    private func check(_ name: String, _ value: String) throws(CorralError) {
        guard HTTPToken.isValid(name) else {
            throw .httpRequestInvalid("\"\(name.prefix(40))\" is no name of a header", nil)
        }
        guard !Self.reservedHeaders.contains(name.lowercased()) else {
            throw .httpRequestInvalid("the header \"\(name)\" is the broker's to set", "leave it out")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw .httpRequestInvalid("the value of header \"\(name)\" has control characters", nil)
        }
    }

    private func body(_ json: JSON, _ method: String) throws(CorralError) -> [UInt8] {
        let bytes: [UInt8]
        switch (json["body"], json["body_base64"]) {
        case (nil, nil): return []
        case (let text?, nil):
            guard let text = text.stringValue else { throw .httpRequestInvalid("\"body\" is no text", nil) }
            bytes = Array(text.utf8)
        case (nil, let text?):
            guard let decoded = text.stringValue.flatMap(Base64.bytes) else {
                throw .httpRequestInvalid("\"body_base64\" is no base64", nil)
            }
            bytes = decoded
        default: throw .httpRequestInvalid("\"body\" and \"body_base64\" exclude each other", nil)
        }
        guard bytes.isEmpty || !["GET", "HEAD"].contains(method) else {
            throw .httpRequestInvalid("a \(method) request has no body", nil)
        }
        return bytes
    }

    private func flag(_ json: JSON, _ name: String) throws(CorralError) -> Bool {
        guard let value = json[name] else { return false }
        guard let flag = value.boolValue else { throw .httpRequestInvalid("\"\(name)\" is not true or false", nil) }
        return flag
    }

    private func number(
        _ json: JSON, _ name: String, _ range: ClosedRange<Int64>
    ) throws(CorralError) -> Int64? {
        guard let value = json[name] else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            throw .httpRequestInvalid(
                "\"\(name)\" is no whole number from \(range.lowerBound) to \(range.upperBound)", nil)
        }
        return number
    }

    private func times(_ milliseconds: Int64?, isStream: Bool) -> BrokerTimes {
        var times = BrokerTimes()
        let standard: Duration = isStream ? .seconds(600) : times.total
        times.total = min(milliseconds.map { .milliseconds($0) } ?? standard, max(timeLeft, .milliseconds(1)))
        times.connect = min(times.connect, times.total)
        // Who asks for a longer time expects the peer to be silent for longer, too.
        let silence = max(times.firstByte, milliseconds.map { .milliseconds($0) } ?? .zero)
        times.firstByte = min(silence, times.total)
        times.idle = times.firstByte
        return times
    }

    // MARK: Secrets

    /// `"sign": {"id": "msg_1", "secrets": ["NAME"]}`: the broker adds the headers of Standard Webhooks.
    private func signature(
        _ json: JSON, _ origin: NetworkOrigin, _ reach: NetworkReach
    ) throws(CorralError) -> BrokerSignature? {
        guard let sign = json["sign"] else { return nil }
        guard let id = sign["id"]?.stringValue, BrokerSignature.isID(id) else {
            throw .httpRequestInvalid(
                "\"sign.id\" is no identity of a message", "use 1 to 128 letters, digits, '_' and '-'")
        }
        let names = (sign["secrets"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard (1...BrokerSignature.keysMax).contains(names.count) else {
            throw .httpRequestInvalid("\"sign.secrets\" is no list of 1 to \(BrokerSignature.keysMax) names", nil)
        }
        var keys: [BrokerSecret] = []
        for name in names {
            // A key does not go out; what it signs may be read by anybody.
            let secret = try vault.secret(name, for: tenant, to: origin, reach, isProtected: true) { $0 == .signature }
            guard WebhookKey(secret.value) != nil else { throw .signingKeyUnusable(name) }
            keys.append(secret)
        }
        return BrokerSignature(id: id, keys: keys)
    }

    private func secrets(
        in request: BrokerRequest, _ address: RequestAddress, _ reach: NetworkReach
    ) throws(CorralError) -> [BrokerSecret] {
        var uses = address.secrets.map { SecretUse(name: $0.name, place: .query($0.key)) }
        for header in request.headers {
            for name in SecretUse.names(in: header.value) { uses.append(SecretUse(name: name, header: header)) }
        }
        var secrets: [BrokerSecret] = []
        for use in uses {
            let secret = try vault.secret(
                use.name, for: tenant, to: address.origin, reach, isProtected: address.origin.scheme == .https
            ) { use.isAllowed(by: $0) }
            if !secrets.contains(where: { $0.name == use.name }) { secrets.append(secret) }
        }
        return secrets
    }
}

/// `${secret:NAME}` where a request has it.
struct SecretUse {
    enum Place {
        case header(name: String, value: String)
        case query(String)
    }

    let name: String
    let place: Place

    init(name: String, place: Place) {
        self.name = name
        self.place = place
    }

    init(name: String, header: BrokerRequest.Header) {
        self.init(name: name, place: .header(name: header.name.lowercased(), value: header.value))
    }

    func isAllowed(by binding: SecretBinding.Place) -> Bool {
        switch (binding, place) {
        case (.bearer, .header("authorization", let value)): value == "Bearer ${secret:\(name)}"
        case (.basic, .header("authorization", let value)): value == "Basic ${secret:\(name)}"
        case (.header(let bound), .header(let used, _)): bound.lowercased() == used
        case (.query(let bound), .query(let used)): bound == used
        default: false
        }
    }

    private static let opening = "${secret:"

    /// The names in a text, in order. A text that opens one and does not close it has none there.
    static func names(in text: some StringProtocol) -> [String] {
        var names: [String] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            rest = rest[dollar...]
            guard rest.hasPrefix(opening), let end = rest.firstIndex(of: "}") else {
                rest = rest.dropFirst()
                continue
            }
            names.append(String(rest[..<end].dropFirst(opening.count)))
            rest = rest[end...]
        }
        return names
    }
}

/// A token of RFC 9110, section 5.6.2: names of headers.
package enum HTTPToken {
    private static let marks = Set("!#$%&'*+-.^_`|~".utf8)

    package static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || marks.contains($0)
            }
    }
}

// SPDX-License-Identifier: Apache-2.0
// BrokerMessages: what the host and corral-broker say to each other. Heads are JSON, bodies raw bytes. The host decodes
// the broker's words as a stranger's: the broker reads what the whole Internet sends.

import CorralBase

extension FrameKind {
    // Host → broker
    package static let brokerHello = FrameKind(rawValue: 97)
    package static let brokerRequest = FrameKind(rawValue: 98)
    package static let brokerConnect = FrameKind(rawValue: 99)
    package static let brokerCancel = FrameKind(rawValue: 100)
    /// The plugin has taken so many bytes of events; `CreditMessage` with this kind.
    package static let brokerCredit = FrameKind(rawValue: 101)
    package static let brokerMail = FrameKind(rawValue: 102)

    // Broker → host
    package static let brokerReady = FrameKind(rawValue: 113)
    package static let brokerHead = FrameKind(rawValue: 114)
    package static let brokerBody = FrameKind(rawValue: 115)
    package static let brokerEvents = FrameKind(rawValue: 116)
    package static let brokerDone = FrameKind(rawValue: 117)
    package static let brokerFailed = FrameKind(rawValue: 118)
    package static let brokerConnected = FrameKind(rawValue: 119)
}

/// The first frame. The certificates to trust come as the frame's descriptor, a sealed memfd of PEM text; without one
/// nothing is trusted and every TLS connection fails.
package struct BrokerHello: Sendable, Hashable {
    /// `http://host:port`, perhaps with user and password; empty for none.
    package var proxy: String
    /// Hosts that are reached without the proxy: names, `.domain` or `*.domain`, addresses.
    package var withoutProxy: [String]
    package var hasCertificates: Bool

    package init(proxy: String = "", withoutProxy: [String] = [], hasCertificates: Bool) {
        self.proxy = proxy
        self.withoutProxy = withoutProxy
        self.hasCertificates = hasCertificates
    }

    package var frame: Frame {
        let head: JSON = [
            "version": .int(Int64(wireVersion)), "proxy": .string(proxy),
            "without_proxy": .array(withoutProxy.map { .string($0) }),
        ]
        return Frame(.brokerHello, flags: hasCertificates ? .bodyInDescriptor : [], payload: head.bytes())
    }

    package init(_ frame: Frame) throws {
        let head = try JSON(parsing: frame.payload)
        guard head["version"]?.intValue == Int64(wireVersion) else {
            throw CorralError.protocolViolation("another version of the broker's protocol")
        }
        proxy = head["proxy"]?.stringValue ?? ""
        withoutProxy = (head["without_proxy"]?.arrayValue ?? []).compactMap(\.stringValue)
        hasCertificates = frame.flags.contains(.bodyInDescriptor)
    }
}

/// How long the parts of a request may take.
package struct BrokerTimes: Sendable, Hashable {
    package var connect: Duration = .seconds(10)
    /// From the start of a hop to the response's first byte.
    package var firstByte: Duration = .seconds(60)
    /// Between two bytes.
    package var idle: Duration = .seconds(60)
    package var total: Duration = .seconds(120)

    package init() {}

    package static func milliseconds(_ duration: Duration) -> JSON {
        let (seconds, attoseconds) = duration.components
        return .int(min(seconds, Int64(Limits.httpSecondsMax)) * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    var json: JSON {
        .array([connect, firstByte, idle, total].map(Self.milliseconds))
    }

    init(_ json: JSON?) throws {
        let values = (json?.arrayValue ?? []).compactMap(\.intValue)
        guard values.count == 4, values.allSatisfy({ $0 > 0 && $0 <= Int64(Limits.httpSecondsMax) * 1000 }) else {
            throw CorralError.protocolViolation("times that cannot be used")
        }
        (connect, firstByte) = (.milliseconds(values[0]), .milliseconds(values[1]))
        (idle, total) = (.milliseconds(values[2]), .milliseconds(values[3]))
    }
}

/// A secret that one request needs, with its value. It is in a frame to the broker and nowhere else.
package struct BrokerSecret: Sendable, Hashable {
    package var name: String
    package var value: String
    /// The value is put in as base64, for HTTP's Basic scheme.
    package var isBasic: Bool

    package init(name: String, value: String, isBasic: Bool) {
        self.name = name
        self.value = value
        self.isBasic = isBasic
    }
}

/// An HTTP request. The host has read the URL's origin and found a rule for it; the broker reads it too and refuses
/// when it reads another.
package struct BrokerRequest: Sendable, Hashable {
    package struct Header: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var method: String
    /// With `${secret:NAME}` in its query, unreplaced.
    package var url: String
    package var origin: NetworkOrigin
    package var headers: [Header]
    package var body: [UInt8]
    package var rules: [NetworkRule]
    package var secrets: [BrokerSecret]
    package var redirectsMax: Int
    /// An event stream is sent as events while it arrives.
    package var isStream: Bool
    package var times: BrokerTimes
    package var bodyBytesMax: Int
    /// The broker signs the request as a webhook when it sends it.
    package var signature: BrokerSignature?

    package init(
        method: String, url: String, origin: NetworkOrigin, headers: [Header] = [], body: [UInt8] = [],
        rules: [NetworkRule], secrets: [BrokerSecret] = [], redirectsMax: Int = Limits.httpRedirectsMax,
        isStream: Bool = false, times: BrokerTimes = BrokerTimes(), bodyBytesMax: Int = Limits.httpBodyBytesMax
    ) {
        self.method = method
        self.url = url
        self.origin = origin
        self.headers = headers
        self.body = body
        self.rules = rules
        self.secrets = secrets
        self.redirectsMax = redirectsMax
        self.isStream = isStream
        self.times = times
        self.bodyBytesMax = bodyBytesMax
    }

    package func frame(call: UInt64) -> Frame {
        var head: JSONObject = [
            "method": .string(method), "url": .string(url), "origin": origin.json,
            "headers": .array(headers.map { [.string($0.name), .string($0.value)] }),
            "rules": .array(rules.map(\.json)),
            "secrets": .array(secrets.map(\.json)),
            "redirects": .int(Int64(redirectsMax)), "stream": .bool(isStream), "times": times.json,
            "bytes_max": .int(Int64(bodyBytesMax)),
        ]
        head["signature"] = signature?.json
        var writer = ByteWriter(reserving: 512 + body.count)
        writer.run(JSON.object(head).bytes())
        writer.raw(body)
        return Frame(.brokerRequest, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        let head = try JSON(parsing: Array(try reader.run()))
        body = Array(reader.rest())
        guard let method = head["method"]?.stringValue, let url = head["url"]?.stringValue,
            let redirects = head["redirects"]?.intValue, let bytesMax = head["bytes_max"]?.intValue,
            let isStream = head["stream"]?.boolValue, (0...Int64(Limits.httpRedirectsMax)).contains(redirects),
            (0...Int64(Limits.httpBodyBytesMax)).contains(bytesMax)
        else { throw CorralError.protocolViolation("a request without its head") }
        self.method = method
        self.url = url
        origin = try NetworkOrigin(head["origin"])
        headers = try (head["headers"]?.arrayValue ?? []).map(Header.init)
        rules = try (head["rules"]?.arrayValue ?? []).map(NetworkRule.init)
        secrets = try (head["secrets"]?.arrayValue ?? []).map(BrokerSecret.init)
        redirectsMax = Int(redirects)
        self.isStream = isStream
        times = try BrokerTimes(head["times"])
        bodyBytesMax = Int(bytesMax)
        signature = try head["signature"].map(BrokerSignature.init)
    }
}

/// A TCP connection to be handed out.
package struct BrokerConnect: Sendable, Hashable {
    package var host: NetworkHost
    package var port: UInt16
    package var reach: NetworkReach
    package var timeout: Duration

    package init(host: NetworkHost, port: UInt16, reach: NetworkReach, timeout: Duration) {
        self.host = host
        self.port = port
        self.reach = reach
        self.timeout = timeout
    }

    package func frame(call: UInt64) -> Frame {
        let (seconds, attoseconds) = timeout.components
        let head: JSON = [
            "host": .string(host.text), "port": .int(Int64(port)), "reach": .string(reach.rawValue),
            "timeout": .int(seconds * 1000 + attoseconds / 1_000_000_000_000_000),
        ]
        return Frame(.brokerConnect, call: call, payload: head.bytes())
    }

    package init(_ frame: Frame) throws {
        let head = try JSON(parsing: frame.payload)
        guard let host = head["host"]?.stringValue.flatMap({ NetworkHost($0) }),
            let port = head["port"]?.intValue.flatMap({ UInt16(exactly: $0) }), port > 0,
            let reach = head["reach"]?.stringValue.flatMap(NetworkReach.init(rawValue:)),
            let timeout = head["timeout"]?.intValue, timeout > 0, timeout <= Int64(Limits.httpSecondsMax) * 1000
        else { throw CorralError.protocolViolation("a connection without its end") }
        self.init(host: host, port: port, reach: reach, timeout: .milliseconds(timeout))
    }
}

/// A response's head; its body, or its events, follow.
package struct BrokerHead: Sendable, Hashable {
    package var status: Int
    package var headers: [BrokerRequest.Header]
    /// The address that answered, after redirects; secrets stay unreplaced.
    package var url: String

    package init(status: Int, headers: [BrokerRequest.Header], url: String) {
        self.status = status
        self.headers = headers
        self.url = url
    }

    package func frame(call: UInt64) -> Frame {
        let head: JSON = [
            "status": .int(Int64(status)), "url": .string(url),
            "headers": .array(headers.map { [.string($0.name), .string($0.value)] }),
        ]
        return Frame(.brokerHead, call: call, payload: head.bytes())
    }

    package init(_ frame: Frame) throws {
        let head = try JSON(parsing: frame.payload)
        guard let status = head["status"]?.intValue, (100...999).contains(status), let url = head["url"]?.stringValue
        else { throw CorralError.protocolViolation("a response without its head") }
        self.status = Int(status)
        self.url = url
        headers = try (head["headers"]?.arrayValue ?? []).map(BrokerRequest.Header.init)
    }
}

/// The end of a response: what it cost.
package struct BrokerDone: Sendable, Hashable {
    /// Body bytes as they came over the network.
    package var bytesReceived: Int64
    package var redirects: Int

    package init(bytesReceived: Int64, redirects: Int) {
        self.bytesReceived = bytesReceived
        self.redirects = redirects
    }

    package func frame(call: UInt64) -> Frame {
        let head: JSON = ["received": .int(bytesReceived), "redirects": .int(Int64(redirects))]
        return Frame(.brokerDone, call: call, payload: head.bytes())
    }

    package init(_ frame: Frame) throws {
        let head = try JSON(parsing: frame.payload)
        bytesReceived = head["received"]?.intValue ?? 0
        redirects = head["redirects"]?.intValue.flatMap { Int(exactly: $0) } ?? 0
    }
}

/// Why a request failed.
package struct BrokerFailure: Sendable, Hashable {
    package var error: CorralError

    package init(_ error: CorralError) { self.error = error }

    package func frame(call: UInt64) -> Frame {
        var head: JSONObject = [
            "code": .int(Int64(error.code.number)), "name": .string(error.code.name), "message": .string(error.message),
            "retryable": .bool(error.isRetryable),
        ]
        head["hint"] = error.hint.map { .string($0) }
        head["cause"] = error.cause.map { .string($0) }
        return Frame(.brokerFailed, call: call, payload: JSON.object(head).bytes())
    }

    package init(_ frame: Frame) throws {
        let head = try JSON(parsing: frame.payload)
        guard let number = head["code"]?.intValue, ErrorCode.brokerNumbers.contains(where: { $0.contains(number) }),
            let name = head["name"]?.stringValue, name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F }),
            let message = head["message"]?.stringValue
        else { throw CorralError.protocolViolation("a failure that is none of the broker's") }
        error = CorralError(
            ErrorCode(Int(number), name), message, hint: head["hint"]?.stringValue, cause: head["cause"]?.stringValue,
            isRetryable: head["retryable"]?.boolValue ?? false)
    }
}

extension ErrorCode {
    /// What the broker may raise.
    fileprivate static let brokerNumbers: [ClosedRange<Int64>] = [750...769, 1000...1001]
}

// MARK: Parts

extension NetworkOrigin {
    var json: JSON { ["scheme": .string(scheme.rawValue), "host": .string(host.text), "port": .int(Int64(port))] }

    init(_ json: JSON?) throws {
        guard let scheme = json?["scheme"]?.stringValue.flatMap(URLScheme.init(rawValue:)),
            let host = json?["host"]?.stringValue.flatMap({ NetworkHost($0) }),
            let port = json?["port"]?.intValue.flatMap({ UInt16(exactly: $0) })
        else { throw CorralError.protocolViolation("an address that cannot be used") }
        self.init(scheme: scheme, host: host, port: port)
    }
}

extension NetworkRule {
    var json: JSON {
        [
            "scheme": .string(scheme.rawValue), "host": .string(host), "ports": .array(ports.map { .int(Int64($0)) }),
            "methods": .array(methods.map { .string($0) }), "internal": .bool(isInternal),
        ]
    }

    init(_ json: JSON) throws {
        guard let scheme = json["scheme"]?.stringValue.flatMap(URLScheme.init(rawValue:)),
            let host = json["host"]?.stringValue, let ports = json["ports"]?.arrayValue,
            let methods = json["methods"]?.arrayValue, let isInternal = json["internal"]?.boolValue
        else { throw CorralError.protocolViolation("a rule that cannot be used") }
        self.init(
            scheme: scheme, host: host, ports: ports.compactMap { $0.intValue.flatMap { UInt16(exactly: $0) } },
            methods: methods.compactMap(\.stringValue), isInternal: isInternal)
    }
}

extension BrokerRequest.Header {
    init(_ json: JSON) throws {
        guard let pair = json.arrayValue, pair.count == 2, let name = pair[0].stringValue,
            let value = pair[1].stringValue
        else { throw CorralError.protocolViolation("a header that is no pair") }
        self.init(name, value)
    }
}

extension BrokerSecret {
    init(_ json: JSON) throws {
        guard let name = json["name"]?.stringValue, let value = json["value"]?.stringValue,
            let isBasic = json["basic"]?.boolValue
        else { throw CorralError.protocolViolation("a secret without a value") }
        self.init(name: name, value: value, isBasic: isBasic)
    }
}

// SPDX-License-Identifier: Apache-2.0
// HTTPTransfer: one HTTP request, from its first hop over its redirects to the end of its response. Redirects are
// followed here and not by libcurl, so that each passes the same checks as the request itself.

import CCurl
import CorralBase
import CorralWire
import Glibc

final class HTTPTransfer: Transfer {
    private let request: BrokerRequest
    private let placeholders: Placeholders
    private let startedAt = monotonicNanoseconds()
    private var origin: NetworkOrigin
    /// The address of this hop with its secrets unreplaced, as it is shown and as redirects are relative to it.
    private var shown: ParsedURL
    private var method: String
    private var sendsBody: Bool
    /// False for good once a redirect has left the origin: no secret, no credential and no unusual header goes further.
    private var isAtHome = true
    private var redirects = 0
    private var response: ResponseReader
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var hopStartedAt: UInt64 = 0
    private var lastByteAt: UInt64 = 0
    private var bytesReceived: Int64 = 0
    /// Bytes of events that the host has no credit given for.
    private var untaken = 0
    private var isPaused = false

    /// - Throws: `url_invalid` when libcurl reads another origin than the host did.
    init(_ request: BrokerRequest, id: UInt64, context: TransferContext) throws(CorralError) {
        self.request = request
        placeholders = Placeholders(request.secrets)
        origin = request.origin
        method = request.method
        sendsBody = !request.body.isEmpty
        shown = try ParsedURL(request.url)
        response = ResponseReader(request)
        let read = try shown.readOrigin()
        guard read == request.origin else { throw .readDifferently(read, request.origin) }
        guard case .allowed(let reach) = request.rules.verdict(read, method: request.method) else {
            throw .redirectRefused(read, "no grant covers it")
        }
        try super.init(id: id, context: context, host: read.host, reach: reach)
    }

    deinit { curl_slist_free_all(headerList) }

    // MARK: A hop

    override func prepare() throws(CorralError) {
        hopStartedAt = monotonicNanoseconds()
        lastByteAt = 0
        response = ResponseReader(request)
        try prepareCommon(try address(), connectTimeout: request.times.connect)
        corral_curl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br")
        long(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        long(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        setMethod()
        setHeaders()
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        corral_curl_set_pointer(easy, CURLOPT_HEADERDATA, pointer)
        corral_curl_set_pointer(easy, CURLOPT_WRITEDATA, pointer)
        corral_curl_set_data(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            HTTPTransfer.deliver(bytes, size * count, context) { transfer, line throws(CorralError) in
                try transfer.receiveHeader(line)
            }
        }
        corral_curl_set_data(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            HTTPTransfer.deliver(bytes, size * count, context) { transfer, piece throws(CorralError) in
                try transfer.receiveBody(piece)
            }
        }
    }

    /// The address that is connected to. Only the first one is ours, so only there are secrets put in.
    private func address() throws(CorralError) -> String {
        guard redirects == 0 else { return shown.text }
        let parsed = try ParsedURL(placeholders.inURL(request.url))
        let read = try parsed.readOrigin()
        guard read == origin else { throw .readDifferently(read, origin) }
        return parsed.text
    }

    private func setMethod() {
        if method == "HEAD" {
            long(CURLOPT_NOBODY, 1)
        } else if sendsBody || ["POST", "PUT", "PATCH"].contains(method) {
            long(CURLOPT_POST, 1)
            let body = sendsBody ? request.body : []
            corral_curl_set_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            _ = body.withUnsafeBytes { bytes in
                corral_curl_set_pointer(
                    easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
            if body.isEmpty { corral_curl_set_text(easy, CURLOPT_COPYPOSTFIELDS, "") }
            corral_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, method)
        } else {
            long(CURLOPT_HTTPGET, 1)
            corral_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, method)
        }
    }

    /// What goes to another origin than the one the request was for.
    private static let travellingHeaders: Set = [
        "accept", "accept-language", "content-type", "user-agent", "idempotency-key", "cache-control",
    ]

    private func setHeaders() {
        curl_slist_free_all(headerList)
        headerList = nil
        var names: Set<String> = []
        for header in request.headers {
            let name = header.name.lowercased()
            guard isAtHome || Self.travellingHeaders.contains(name) && !placeholders.isIn(header.value) else {
                continue
            }
            guard sendsBody || !name.hasPrefix("content-") else { continue }
            names.insert(name)
            let value = placeholders.inHeader(header.value)
            append(value.isEmpty ? "\(header.name);" : "\(header.name): \(value)")
        }
        // Each attempt has a time of its own, and no other host learns what was signed for this one.
        if isAtHome, let signature = request.signature {
            for header in signature.headers(timestamp: Int64(time(nil)), body: request.body) {
                append("\(header.name): \(header.value)")
            }
        }
        // libcurl would add these of its own accord.
        append("Expect:")
        if !names.contains("content-type") { append("Content-Type:") }
        if !names.contains("user-agent") { append("User-Agent: corral") }
        corral_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList)
    }

    private func append(_ line: String) {
        if let longer = curl_slist_append(headerList, line) { headerList = longer }
    }

    // MARK: What arrives

    private static func deliver(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ body: (HTTPTransfer, UnsafeRawBufferPointer) throws(CorralError) -> Void
    ) -> Int {
        guard let context, let bytes else { return 0 }
        let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
        guard !transfer.mustPause else {
            transfer.isPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        transfer.lastByteAt = monotonicNanoseconds()
        do throws(CorralError) {
            try body(transfer, UnsafeRawBufferPointer(start: bytes, count: count))
            return count
        } catch {
            transfer.refusal = error
            // Less than was offered ends the transfer; an empty piece has no less.
            return count == 0 ? 1 : 0
        }
    }

    private func receiveHeader(_ line: UnsafeRawBufferPointer) throws(CorralError) {
        guard try response.appendHeader(line, origin: origin), location == nil else { return }
        context.send(
            BrokerHead(status: response.status, headers: response.headers, url: shown.text).frame(call: id), nil)
    }

    /// Where the response wants to send us, if we go there.
    private var location: String? {
        guard [301, 302, 303, 307, 308].contains(response.status), request.redirectsMax > 0 else { return nil }
        return response.header("location")
    }

    private func receiveBody(_ bytes: UnsafeRawBufferPointer) throws(CorralError) {
        let received = Int(corral_curl_get_off(easy, CURLINFO_SIZE_DOWNLOAD_T))
        try response.countBody(bytes.count, received: received, origin: origin)
        // The text beside a redirect is for people.
        guard location == nil else { return }
        if let batchless = try response.body(bytes, now: lastByteAt) {
            context.send(Frame(.brokerBody, call: id, payload: Array(batchless)), nil)
        }
        flush(lastByteAt)
    }

    override func flush(_ now: UInt64) { sendEvents(now) }

    private func sendEvents(_ now: UInt64, isLast: Bool = false) {
        for batch in response.events.take(now: now, isLast: isLast) {
            untaken += batch.count
            context.send(Frame(.brokerEvents, call: id, payload: batch), nil)
        }
    }

    /// A plugin that does not keep up makes the peer wait.
    private var mustPause: Bool { response.isEventStream && untaken >= Limits.httpEventWindowBytes }

    override func credit(_ bytes: Int) {
        untaken = max(0, untaken - bytes)
        guard isPaused, !mustPause else { return }
        isPaused = false
        lastByteAt = monotonicNanoseconds()
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    // MARK: Time

    override func expiry(_ now: UInt64) -> CorralError? {
        let times = request.times
        let target = origin.description
        if now >= startedAt + times.total.nanoseconds { return .httpTimeout(target, "in all", times.total) }
        if lastByteAt == 0 {
            guard now >= hopStartedAt + times.firstByte.nanoseconds else { return nil }
            return .httpTimeout(target, "to begin its answer", times.firstByte)
        }
        guard !isPaused, now >= lastByteAt + times.idle.nanoseconds else { return nil }
        return .httpTimeout(target, "without sending a byte", times.idle)
    }

    override var deadline: UInt64 {
        let times = request.times
        let silence =
            isPaused
            ? .max : lastByteAt == 0 ? hopStartedAt + times.firstByte.nanoseconds : lastByteAt + times.idle.nanoseconds
        return min(silence, startedAt + times.total.nanoseconds, response.events.due ?? .max)
    }

    // MARK: The end of a hop

    override func ended(_ code: CURLcode) -> TransferEnding {
        bytesReceived += Int64(corral_curl_get_off(easy, CURLINFO_SIZE_DOWNLOAD_T))
        guard code == CURLE_OK, refusal == nil else {
            fail(redacted(error(code, origin: origin, times: request.times)))
            return .over
        }
        do throws(CorralError) {
            if let location {
                try follow(location)
                return .again
            }
            guard response.status >= 200 else { throw .responseBroken(origin, "no status") }
            sendEvents(monotonicNanoseconds(), isLast: true)
            context.send(BrokerDone(bytesReceived: bytesReceived, redirects: redirects).frame(call: id), nil)
        } catch {
            fail(redacted(error))
        }
        return .over
    }

    private func follow(_ location: String) throws(CorralError) {
        guard redirects < request.redirectsMax else {
            throw .redirectRefused(origin, "it is the \(redirects + 1)th in a row")
        }
        let target: ParsedURL
        let next: NetworkOrigin
        do throws(CorralError) {
            target = try shown.following(location)
            next = try target.readOrigin()
        } catch { throw .redirectRefused(origin, error.message) }
        guard !(origin.scheme == .https && next.scheme == .http) else {
            throw .redirectRefused(origin, "it leads from https to http")
        }
        changeMethod()
        guard case .allowed(let reach) = request.rules.verdict(next, method: method) else {
            throw .redirectRefused(origin, "no grant of the plugin covers \(method) \(next)")
        }
        if next != origin { isAtHome = false }
        redirects += 1
        (shown, origin, host, self.reach) = (target, next, next.host, reach)
    }

    /// RFC 9110, section 15.4: 303 asks for GET; clients have always done so for POST after 301 and 302 as well.
    private func changeMethod() {
        let becomesGET = response.status == 303 && method != "HEAD" || response.status < 303 && method == "POST"
        guard becomesGET else { return }
        method = "GET"
        sendsBody = false
    }

    private func redacted(_ error: CorralError) -> CorralError {
        CorralError(
            error.code, placeholders.redacted(error.message), hint: error.hint,
            cause: error.cause.map(placeholders.redacted), isRetryable: error.isRetryable)
    }
}

// SPDX-License-Identifier: Apache-2.0
// MailTransfer: one message to one mail server. libcurl speaks SMTP (RFC 5321), STARTTLS (RFC 3207) and AUTH (RFC 4954),
// and escapes lines that begin with a point; this says what is sent to whom, how long it may take, and what came of it.

import CCurl
import CorralBase
import CorralWire
import Glibc

final class MailTransfer: Transfer {
    private let mail: BrokerMail
    private let placeholders: Placeholders
    private let startedAt = monotonicNanoseconds()
    private var lastByteAt: UInt64
    private var recipients: UnsafeMutablePointer<curl_slist>?
    private var sent = 0
    /// The server's last line before its farewell.
    private var reply = ""

    /// A line that a server may answer with (RFC 5321, section 4.5.3.1.5: 512), with some room.
    private static let replyBytesMax = 1024

    init(_ mail: BrokerMail, id: UInt64, context: TransferContext) throws(CorralError) {
        self.mail = mail
        placeholders = Placeholders(mail.login.map { [$0] } ?? [])
        lastByteAt = startedAt
        try super.init(id: id, context: context, host: mail.origin.host, reach: mail.reach)
    }

    deinit { curl_slist_free_all(recipients) }

    private var target: String { mail.origin.description }

    override func prepare() throws(CorralError) {
        let address = "\(mail.origin.scheme.rawValue)://\(host.inURL):\(mail.origin.port)/\(mail.greeting)"
        try prepareCommon(address, connectTimeout: mail.times.connect, protocols: "smtp,smtps")
        long(CURLOPT_HTTPPROXYTUNNEL, isProxied ? 1 : 0)
        // A connection that was logged in for one message is nobody else's.
        long(CURLOPT_FRESH_CONNECT, 1)
        long(CURLOPT_FORBID_REUSE, 1)
        long(CURLOPT_USE_SSL, Int((mail.requiresTLS ? CURLUSESSL_ALL : CURLUSESSL_TRY).rawValue))
        corral_curl_set_text(easy, CURLOPT_MAIL_FROM, "<\(mail.from)>")
        for address in mail.to {
            if let longer = curl_slist_append(recipients, "<\(address)>") { recipients = longer }
        }
        corral_curl_set_pointer(easy, CURLOPT_MAIL_RCPT, recipients)
        setLogin()
        setMessage()
        setReplies()
    }

    private func setLogin() {
        guard let login = mail.login else { return }
        let parts = login.value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        corral_curl_set_text(easy, CURLOPT_USERNAME, parts[0])
        corral_curl_set_text(easy, CURLOPT_PASSWORD, parts.count > 1 ? parts[1] : "")
    }

    private func setMessage() {
        long(CURLOPT_UPLOAD, 1)
        corral_curl_set_off(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(mail.message.count))
        corral_curl_set_pointer(easy, CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque())
        corral_curl_set_data(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue().read(bytes, size * count)
        }
    }

    private func read(_ bytes: UnsafeMutablePointer<CChar>, _ count: Int) -> Int {
        let piece = mail.message[sent...].prefix(count)
        piece.withUnsafeBytes { UnsafeMutableRawPointer(bytes).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        sent += piece.count
        lastByteAt = monotonicNanoseconds()
        return piece.count
    }

    private func setReplies() {
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        for (data, function) in [
            (CURLOPT_HEADERDATA, CURLOPT_HEADERFUNCTION), (CURLOPT_WRITEDATA, CURLOPT_WRITEFUNCTION),
        ] {
            corral_curl_set_pointer(easy, data, pointer)
            corral_curl_set_data(easy, function) { bytes, size, count, context in
                guard let context, let bytes else { return 0 }
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue().receive(line)
                return size * count
            }
        }
    }

    private func receive(_ line: UnsafeRawBufferPointer) {
        lastByteAt = monotonicNanoseconds()
        let printable = line.prefix(Self.replyBytesMax).filter { $0 >= 0x20 && $0 < 0x7F }
        let text = String(decoding: printable, as: UTF8.self)
        // The answer to QUIT says nothing about the message.
        if !text.hasPrefix("221") { reply = text }
    }

    // MARK: Time

    override func expiry(_ now: UInt64) -> CorralError? {
        if now >= startedAt + mail.times.total.nanoseconds { return .httpTimeout(target, "in all", mail.times.total) }
        guard now >= lastByteAt + mail.times.idle.nanoseconds else { return nil }
        return .httpTimeout(target, "without sending a byte", mail.times.idle)
    }

    override var deadline: UInt64 {
        min(startedAt + mail.times.total.nanoseconds, lastByteAt + mail.times.idle.nanoseconds)
    }

    // MARK: The end

    override func ended(_ code: CURLcode) -> TransferEnding {
        let status = corral_curl_get_long(easy, CURLINFO_RESPONSE_CODE)
        guard code == CURLE_OK, refusal == nil else {
            fail(redacted(failure(code, status: status)))
            return .over
        }
        let head = BrokerHead(status: min(999, max(100, status)), headers: [], url: target)
        context.send(head.frame(call: id), nil)
        context.send(Frame(.brokerBody, call: id, payload: Array(reply.utf8)), nil)
        context.send(BrokerDone(bytesReceived: Int64(reply.utf8.count), redirects: 0).frame(call: id), nil)
        return .over
    }

    private func failure(_ code: CURLcode, status: Int) -> CorralError {
        switch code {
        case CURLE_USE_SSL_FAILED: .tlsFailed(mail.origin, "it offers no STARTTLS")
        case CURLE_LOGIN_DENIED: .mailLoginRefused(mail.origin, status, reply)
        case _ where (400...599).contains(status): .mailRefused(mail.origin, status, reply)
        default: error(code, origin: mail.origin, times: mail.times)
        }
    }

    private func redacted(_ error: CorralError) -> CorralError {
        CorralError(
            error.code, placeholders.redacted(error.message), hint: error.hint,
            cause: error.cause.map(placeholders.redacted), isRetryable: error.isRetryable)
    }
}

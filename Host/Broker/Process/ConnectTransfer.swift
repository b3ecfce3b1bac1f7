// SPDX-License-Identifier: Apache-2.0
// ConnectTransfer: a TCP connection that is handed out. libcurl resolves, tries every address, tunnels through a proxy
// and keeps the time; then its socket is duplicated and the original closed.

import CCurl
import CorralBase
import CorralWire
import Glibc

final class ConnectTransfer: Transfer {
    private let request: BrokerConnect
    private let startedAt = monotonicNanoseconds()
    private let origin: NetworkOrigin

    init(_ request: BrokerConnect, id: UInt64, context: TransferContext) throws(CorralError) {
        self.request = request
        origin = NetworkOrigin(scheme: .http, host: request.host, port: request.port)
        try super.init(id: id, context: context, host: request.host, reach: request.reach)
    }

    private var target: String { "\(request.host.inURL):\(request.port)" }

    override func prepare() throws(CorralError) {
        try prepareCommon("http://\(target)/", connectTimeout: request.timeout)
        guard !(isProxied && context.proxies.proxy(for: host).lowercased().hasPrefix("https:")) else {
            throw .proxyFailed(target, "a proxy that is spoken to in TLS cannot carry a plain connection")
        }
        long(CURLOPT_CONNECT_ONLY, 1)
        long(CURLOPT_HTTPPROXYTUNNEL, isProxied ? 1 : 0)
        long(CURLOPT_FRESH_CONNECT, 1)
        // libcurl closes at once what must not be used again, before its socket could be asked for. Nobody else gets it:
        // a connection of this kind is never reused, and it is closed with the handle.
        long(CURLOPT_FORBID_REUSE, 0)
    }

    override func expiry(_ now: UInt64) -> CorralError? {
        now < deadline ? nil : .httpTimeout(target, "to connect", request.timeout)
    }

    override var deadline: UInt64 { startedAt + request.timeout.nanoseconds }

    override func ended(_ code: CURLcode) -> TransferEnding {
        guard code == CURLE_OK, refusal == nil else {
            var times = BrokerTimes()
            times.connect = request.timeout
            fail(named(error(code, origin: origin, times: times)))
            return .over
        }
        let copy = fcntl(corral_curl_active_socket(easy), F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else {
            fail(.connectFailed(target, "its descriptor cannot be copied"))
            return .over
        }
        // Both descriptors share the flag; whoever gets the connection expects one that waits.
        let flags = fcntl(copy, F_GETFL)
        _ = fcntl(copy, F_SETFL, flags & ~O_NONBLOCK)
        context.send(Frame(.brokerConnected, call: id), copy)
        close(copy)
        return .over
    }

    /// A connection has no scheme, so texts name host and port.
    private func named(_ error: CorralError) -> CorralError {
        guard error.code == .connectFailed || error.code == .responseBroken else { return error }
        return .connectFailed(target, error.cause ?? error.message)
    }
}

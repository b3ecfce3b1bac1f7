// SPDX-License-Identifier: Apache-2.0
// Transfer: one use of the network under way, with the libcurl handle that does it. What is common to HTTP requests and
// plain connections is here: where it may end, and how long it may take.

import CCurl
import CorralBase
import CorralSocket
import CorralWire
import Glibc

/// What every transfer is given: how to speak to the host, and what to trust.
struct TransferContext {
    let proxies: ProxyChoice
    /// PEM text that lives as long as the process; empty trusts nobody.
    let certificates: UnsafeRawBufferPointer
    let send: (Frame, Int32?) -> Void
}

enum TransferEnding {
    /// Start the handle again, for the next hop.
    case again
    case over
}

class Transfer {
    let id: UInt64
    let easy: UnsafeMutableRawPointer
    let context: TransferContext
    /// What the next connection may reach, and through what.
    var host: NetworkHost
    var reach: NetworkReach
    var isProxied = false
    /// Why this side ended it; libcurl only knows that it was ended.
    var refusal: CorralError?

    /// - Throws: `connect_failed` when libcurl gives no handle.
    init(id: UInt64, context: TransferContext, host: NetworkHost, reach: NetworkReach) throws(CorralError) {
        guard let easy = curl_easy_init() else { throw .connectFailed(host.text, "no memory") }
        self.id = id
        self.easy = easy
        self.context = context
        self.host = host
        self.reach = reach
    }

    deinit { curl_easy_cleanup(easy) }

    /// Prepares the handle for its next start.
    func prepare() throws(CorralError) { fatalError("every transfer prepares its handle") }

    /// libcurl is done with the handle, one way or the other.
    func ended(_ code: CURLcode) -> TransferEnding { .over }

    /// Why the transfer must end now, nil while it may go on.
    func expiry(_ now: UInt64) -> CorralError? { nil }

    /// When `expiry` may change its mind, or something waits to be sent.
    var deadline: UInt64 { .max }

    /// Sends what has waited long enough.
    func flush(_ now: UInt64) {}

    /// The plugin has taken so many bytes of events.
    func credit(_ bytes: Int) {}

    final func fail(_ error: CorralError) { context.send(BrokerFailure(error).frame(call: id), nil) }

    // MARK: The handle

    /// What holds for every handle. Nothing comes from the environment, from .netrc or from a cookie jar.
    final func prepareCommon(
        _ url: String, connectTimeout: Duration, protocols: String = "http,https"
    ) throws(CorralError) {
        curl_easy_reset(easy)
        long(CURLOPT_NOSIGNAL, 1)
        long(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.milliseconds)
        long(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        long(CURLOPT_SSL_VERIFYPEER, 1)
        long(CURLOPT_SSL_VERIFYHOST, 2)
        long(CURLOPT_TCP_KEEPALIVE, 1)
        for option in [CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH] {
            corral_curl_set_text(easy, option, nil)
        }
        if let base = context.certificates.baseAddress {
            for option in [CURLOPT_CAINFO_BLOB, CURLOPT_PROXY_CAINFO_BLOB] {
                corral_curl_set_blob(easy, option, base, context.certificates.count)
            }
        }
        let proxy = context.proxies.proxy(for: host)
        isProxied = !proxy.isEmpty
        let isReady =
            [
                (CURLOPT_PROTOCOLS_STR, protocols), (CURLOPT_PROXY, proxy),
                (CURLOPT_NOPROXY, ""), (CURLOPT_URL, url),
            ].allSatisfy { corral_curl_set_text(easy, $0.0, $0.1) == CURLE_OK }
        guard isReady else { throw .urlInvalid("libcurl does not take it") }
        // A connection to the inside is made for this transfer and ends with it: another one, which may not go there,
        // would find it among the open ones and never pass the check of addresses.
        if reach != .open {
            long(CURLOPT_FRESH_CONNECT, 1)
            long(CURLOPT_FORBID_REUSE, 1)
        }
        corral_curl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
        corral_curl_set_open(easy) { context, _, address in
            guard let context, let address else { return CURL_SOCKET_BAD }
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().openSocket(address)
        }
        try requireReachable()
    }

    final func long(_ option: CURLoption, _ value: Int) { corral_curl_set_long(easy, option, value) }

    /// Behind a proxy no socket shows the peer's address; one that the URL names can still be judged.
    private func requireReachable() throws(CorralError) {
        guard let address = PeerAddress(host), !address.isReachable(reach) else { return }
        throw .addressRefused(host, address)
    }

    /// Whether the name may be being looked up: libcurl has not said how long it took.
    final var isLookingUp: Bool {
        (isProxied || !host.isAddress) && corral_curl_get_off(easy, CURLINFO_NAMELOOKUP_TIME_T) == 0
    }

    /// From now on the handle gets no connection, neither a new one nor one that is open.
    final func abandon() {
        isAbandoned = true
        long(CURLOPT_FRESH_CONNECT, 1)
    }

    private final var isAbandoned = false

    /// libcurl asks for the socket of each address it tries: the last moment, and the address that is connected to.
    private func openSocket(_ target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let length = min(Int(target.pointee.addrlen), MemoryLayout<sockaddr_storage>.size)
        let address = withUnsafePointer(to: &target.pointee.addr) {
            PeerAddress(UnsafeRawBufferPointer(start: $0, count: length))
        }
        guard let address, !isAbandoned else { return CURL_SOCKET_BAD }
        guard isProxied || address.isReachable(reach) else {
            refusedAddress = address
            return CURL_SOCKET_BAD
        }
        return socket(
            target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), target.pointee.protocol)
    }

    /// An address that was not tried. If another one worked, it does not matter.
    private final var refusedAddress: PeerAddress?

    // MARK: Errors

    /// What libcurl's code means to a person.
    final func error(_ code: CURLcode, origin: NetworkOrigin, times: BrokerTimes) -> CorralError {
        if let refusal { return refusal }
        let cause = String(cString: curl_easy_strerror(code))
        let isTunnel = isProxied && corral_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE) / 100 != 2
        switch code {
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: return .proxyFailed(origin.description, cause)
        case CURLE_COULDNT_RESOLVE_HOST: return .nameNotResolved(origin.host)
        case CURLE_COULDNT_CONNECT where isProxied: return .proxyFailed(origin.description, cause)
        case CURLE_COULDNT_CONNECT:
            if let refusedAddress { return .addressRefused(origin.host, refusedAddress) }
            return .connectFailed(origin.description, cause)
        case CURLE_RECV_ERROR where isTunnel && origin.scheme == .https:
            let status = corral_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE)
            return .proxyFailed(origin.description, "it answered with status \(status)")
        case CURLE_OPERATION_TIMEDOUT: return .httpTimeout(origin.description, "to connect", times.connect)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            return .tlsFailed(origin, cause)
        default: return .responseBroken(origin, cause)
        }
    }
}

extension Duration {
    /// Whole milliseconds, at least 1.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }

    var nanoseconds: UInt64 { UInt64(milliseconds) * 1_000_000 }
}

/// CLOCK_MONOTONIC in nanoseconds.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

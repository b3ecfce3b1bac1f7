// SPDX-License-Identifier: Apache-2.0
// BrokerLoop: the one thread of corral-broker. It waits for the host's socket and for libcurl's together; the only other
// threads are libcurl's own, one for each name that is being looked up.

import CCurl
import CorralBase
import CorralSocket
import CorralWire
import Glibc

final class BrokerLoop {
    private let socket: FrameSocket
    private let multi: UnsafeMutableRawPointer
    private var decoder = FrameDecoder(payloadBytesMax: Limits.brokerFrameBytesMax)
    private var descriptors: [Int32] = []
    private var context: TransferContext?
    private var transfers: [UInt64: Transfer] = [:]
    /// Given up while their name was looked up. libcurl would wait for the look-up before it lets a handle go, and so
    /// would everybody else; they stay until it has ended.
    private var lingering: [UnsafeMutableRawPointer: Transfer] = [:]
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// - Parameter descriptor: the connected socket to the host.
    init?(_ descriptor: Int32) {
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = curl_multi_init() else { return nil }
        self.multi = multi
        socket = FrameSocket(descriptor, payloadBytesMax: Limits.brokerFrameBytesMax, descriptorsMax: 1)
        corral_curl_set_multi_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, Limits.networkRequestsMax)
        corral_curl_set_multi_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, Limits.networkConnectionsPerHostMax)
        corral_curl_set_multi_long(multi, CURLMOPT_MAXCONNECTS, Limits.networkRequestsMax)
    }

    /// Serves until the host is gone, or says what the protocol does not allow.
    func run() throws {
        while true {
            var wait = curl_waitfd(fd: socket.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
            let status = curl_multi_poll(multi, &wait, 1, timeout(monotonicNanoseconds()), nil)
            guard status == CURLM_OK else {
                throw CorralError.socketFailed("wait", String(cString: curl_multi_strerror(status)))
            }
            if wait.revents != 0 {
                guard try receive() else { return }
            }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collect()
            let now = monotonicNanoseconds()
            for transfer in transfers.values {
                if let expiry = transfer.expiry(now) {
                    transfer.fail(expiry)
                    giveUp(transfer)
                } else {
                    transfer.flush(now)
                }
            }
        }
    }

    private func timeout(_ now: UInt64) -> Int32 {
        let due = transfers.values.reduce(now + 60_000_000_000) { min($0, $1.deadline) }
        return due <= now ? 0 : Int32(clamping: (due - now - 1) / 1_000_000 + 1)
    }

    // MARK: The host

    /// - Returns: false when the host has closed its end.
    private func receive() throws -> Bool {
        var batch: [Int32] = [-1]
        var batchCount: Int32 = 1
        var truncated: Int32 = 0
        let count = buffer.withUnsafeMutableBytes {
            corral_socket_receive(socket.descriptor, $0.baseAddress!, $0.count, &batch, &batchCount, &truncated)
        }
        guard count > 0, truncated == 0 else { return false }
        descriptors += batch.prefix(Int(batchCount))
        buffer.withUnsafeBytes { decoder.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        while let frame = try decoder.next() { try handle(frame) }
        return true
    }

    private func handle(_ frame: Frame) throws {
        if frame.kind == .brokerHello { return try greet(frame) }
        guard let context else { throw CorralError.protocolViolation("a request before its greeting") }
        switch frame.kind {
        case .brokerRequest:
            let request = try BrokerRequest(frame)
            start(frame.call) { () throws(CorralError) in try HTTPTransfer(request, id: frame.call, context: context) }
        case .brokerConnect:
            let request = try BrokerConnect(frame)
            start(frame.call) { () throws(CorralError) in
                try ConnectTransfer(request, id: frame.call, context: context)
            }
        case .brokerMail:
            let mail = try BrokerMail(frame)
            start(frame.call) { () throws(CorralError) in try MailTransfer(mail, id: frame.call, context: context) }
        case .brokerCancel:
            // Closes the connection. The host does not wait for a word about it.
            if let transfer = transfers[frame.call] { giveUp(transfer) }
        case .brokerCredit:
            let credit = try CreditMessage(frame)
            transfers[frame.call]?.credit(Int(credit.bytes))
        default: throw CorralError.protocolViolation("a frame of kind \(frame.kind.rawValue)")
        }
    }

    private func greet(_ frame: Frame) throws {
        let hello = try BrokerHello(frame)
        guard context == nil, !hello.hasCertificates || !descriptors.isEmpty else {
            throw CorralError.protocolViolation("a greeting that cannot be used")
        }
        let certificates = hello.hasCertificates ? try map(descriptors.removeFirst()) : .init(start: nil, count: 0)
        let socket = socket
        context = TransferContext(proxies: ProxyChoice(hello), certificates: certificates) { frame, descriptor in
            // The host always reads. If it cannot be written to, it is gone, and so are we.
            do { try socket.send(frame, descriptors: descriptor.map { [$0] } ?? []) } catch { exit(0) }
        }
        context?.send(Frame(.brokerReady), nil)
    }

    /// The sealed memory that the host sent; it stays mapped.
    private func map(_ descriptor: Int32) throws -> UnsafeRawBufferPointer {
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0,
            let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
        else { throw CorralError.protocolViolation("certificates that cannot be read") }
        return UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
    }

    // MARK: Transfers

    private func start(_ id: UInt64, _ make: () throws(CorralError) -> Transfer) {
        do throws(CorralError) {
            guard transfers[id] == nil else { return }
            let transfer = try make()
            guard lingering.count < Limits.networkRequestsMax else { throw .resolverBusy(transfer.host) }
            try transfer.prepare()
            transfers[id] = transfer
            curl_multi_add_handle(multi, transfer.easy)
        } catch {
            context?.send(BrokerFailure(error).frame(call: id), nil)
        }
    }

    private func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        transfers[transfer.id] = nil
    }

    /// Ends a transfer that is under way, and closes its connection.
    private func giveUp(_ transfer: Transfer) {
        guard transfer.isLookingUp else { return remove(transfer) }
        transfer.abandon()
        transfers[transfer.id] = nil
        lingering[transfer.easy] = transfer
    }

    /// What libcurl has finished.
    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            if lingering.removeValue(forKey: easy) != nil {
                curl_multi_remove_handle(multi, easy)
                continue
            }
            guard let transfer = transfers.values.first(where: { $0.easy == easy }) else { continue }
            // A connection's socket is the handle's until it is removed.
            let ending = transfer.ended(code)
            remove(transfer)
            guard case .again = ending else { continue }
            start(transfer.id) { () throws(CorralError) in transfer }
        }
    }
}

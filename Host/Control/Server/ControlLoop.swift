// SPDX-License-Identifier: Apache-2.0
// ControlLoop: the one thread behind the control socket: an epoll loop over the listener, the clients, and an eventfd
// through which tasks say that something is to be sent.

import CorralBase
import CorralControl
import CorralSocket
import CorralWire
import Glibc
import Synchronization

final class ControlLoop: @unchecked Sendable {
    // Unchecked: `mailbox`, `thread` and `count` guard themselves; `peers`, `nextPeer`, `isListening`, `isAccepting` and `stopDue`
    // are touched by the loop's own thread alone; all else is constant.

    private struct Mailbox {
        var ready: Set<UInt64> = []
        var isLeaving = false
        var isStopping = false
    }

    /// What epoll calls the listener and the eventfd; clients count from 2.
    private static let listenerTag: UInt64 = 0
    private static let wakeTag: UInt64 = 1

    private let path: String
    private let listener: Int32
    private let handler: any ControlHandler
    private let owner: UInt32
    private let access: ControlAccess
    private let clientsMax: Int
    private let patience: ControlPatience
    private let poll: Int32
    private let wake: Int32
    private let mailbox = Mutex(Mailbox())
    private let thread = Mutex<pthread_t?>(nil)
    private let count = Atomic<Int>(0)
    private var peers: [UInt64: ControlPeer] = [:]
    private var nextPeer: UInt64 = 2
    private var isListening = true
    private var isAccepting = true
    private var stopDue: UInt64?

    init(
        path: String, listener: Int32, handler: any ControlHandler, owner: UInt32, access: ControlAccess,
        clientsMax: Int, patience: ControlPatience
    ) throws {
        self.path = path
        self.listener = listener
        self.handler = handler
        self.owner = owner
        self.access = access
        self.clientsMax = clientsMax
        self.patience = patience
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard poll >= 0, wake >= 0, watch(listener, Self.listenerTag, EPOLLIN.rawValue, EPOLL_CTL_ADD),
            watch(wake, Self.wakeTag, EPOLLIN.rawValue, EPOLL_CTL_ADD)
        else { throw CorralError.controlSocketFailed("watch", path, errorText(errno)) }
        try startThread()
    }

    var clientCount: Int { count.load(ordering: .relaxed) }

    func stopListening() {
        mailbox.withLock { $0.isLeaving = true }
        ring()
    }

    func stop() {
        guard let handle = thread.withLock({ $0.take() }) else { return }
        mailbox.withLock { $0.isStopping = true }
        ring()
        pthread_join(handle, nil)
    }

    private func startThread() throws {
        var handle = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ControlLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        guard status == 0 else {
            Unmanaged<ControlLoop>.fromOpaque(context).release()
            throw CorralError.controlSocketFailed("serve", path, errorText(status))
        }
        thread.withLock { $0 = handle }
    }

    // MARK: On the loop's thread

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while !isDone() {
            let found = epoll_wait(poll, &events, Int32(events.count), waitMilliseconds())
            for event in events.prefix(Int(max(0, found))) { handle(event) }
            takeMail()
            expire()
        }
        for peer in Array(peers.values) { drop(peer) }
        if isListening { close(listener) }
        close(poll)
        close(wake)
    }

    private func handle(_ event: epoll_event) {
        switch event.data.u64 {
        case Self.listenerTag: accept()
        case Self.wakeTag:
            var number: UInt64 = 0
            _ = read(wake, &number, MemoryLayout<UInt64>.size)
        default:
            guard let peer = peers[event.data.u64] else { return }
            // Hang-up and error show themselves to whoever reads or writes.
            if event.events & ~EPOLLOUT.rawValue != 0, !peer.receive() { return drop(peer) }
            serve(peer)
        }
    }

    private func takeMail() {
        let mail = mailbox.withLock { box in
            defer { box.ready.removeAll(keepingCapacity: true) }
            return box
        }
        for id in mail.ready { if let peer = peers[id] { serve(peer) } }
        if mail.isLeaving { leave() }
        if mail.isStopping, stopDue == nil { beginStop() }
    }

    /// Sends what the peer's socket takes and watches for more room if that was not all.
    private func serve(_ peer: ControlPeer) {
        guard peer.flush() else { return drop(peer) }
        if stopDue != nil, !peer.isBusy { return drop(peer) }
        let events = EPOLLIN.rawValue | (peer.isSending ? EPOLLOUT.rawValue : 0)
        if events != peer.watched, watch(peer.descriptor, peer.id, events, EPOLL_CTL_MOD) { peer.watched = events }
    }

    private func accept() {
        // A few at a time, so that a storm of newcomers does not hold up the clients that are served.
        for _ in 0..<16 {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 {
                // Swift's Glibc has no accept4. Nothing in the host forks: the spawner is another process by now.
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
                admit(descriptor)
            } else {
                // Out of descriptors or memory: the listener would be reported ready for ever. Rest until the next sweep.
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS { rest(true) }
                return
            }
        }
    }

    private func admit(_ descriptor: Int32) {
        let credentials = ControlListener.credentials(of: descriptor)
        let id = nextPeer
        nextPeer += 1
        let outbox = Outbox { [weak self] in self?.post(id) }
        let peer = ControlPeer(
            id: id, descriptor: descriptor, credentials: credentials ?? (pid: 0, uid: .max), handler: handler,
            outbox: outbox, patience: patience)
        guard watch(descriptor, id, EPOLLIN.rawValue, EPOLL_CTL_ADD) else { return peer.end() }
        peer.watched = EPOLLIN.rawValue
        if isStranger(peer), access == .owner {
            peer.refuse(.peerRefused(uid: peer.uid, owner: owner))
        } else if peers.count >= clientsMax || (isStranger(peer) && strangers >= clientsMax / 2) {
            peer.refuse(.hostBusy(clients: peers.count))
        } else {
            peers[id] = peer
            count.store(peers.count, ordering: .relaxed)
            return
        }
        // The reason fits into a fresh socket; whether the peer reads it is its own affair.
        _ = peer.flush()
        peer.end()
    }

    private func isStranger(_ peer: ControlPeer) -> Bool { peer.uid != owner && peer.uid != 0 }

    /// They get half of the places, so that an operator always finds one.
    private var strangers: Int { peers.values.count { isStranger($0) } }

    private func drop(_ peer: ControlPeer) {
        peers[peer.id] = nil
        count.store(peers.count, ordering: .relaxed)
        peer.end()
        if !isAccepting, stopDue == nil { rest(false) }
    }

    private func rest(_ isResting: Bool) {
        guard isListening else { return }
        isAccepting = !watch(listener, Self.listenerTag, isResting ? 0 : EPOLLIN.rawValue, EPOLL_CTL_MOD) || !isResting
    }

    private func expire() {
        let now = monotonicNow()
        for peer in Array(peers.values) where peer.isLate(at: now) { drop(peer) }
        if !isAccepting, stopDue == nil { rest(false) }
    }

    private func beginStop() {
        stopDue = monotonicNow() &+ nanoseconds(patience.stopping)
        leave()
        for peer in Array(peers.values) { serve(peer) }
    }

    /// The path goes first: a client that comes now finds no host and may start another.
    private func leave() {
        guard isListening else { return }
        unlink(path)
        close(listener)
        (isListening, isAccepting) = (false, false)
    }

    private func isDone() -> Bool {
        guard let stopDue else { return false }
        return peers.isEmpty || monotonicNow() >= stopDue
    }

    /// Somebody's patience is checked only while somebody is waited for.
    private func waitMilliseconds() -> Int32 {
        if stopDue != nil { return 10 }
        let sweep = Int32(clamping: nanoseconds(min(patience.frame, patience.reading)) / 8_000_000)
        return (isListening && !isAccepting) || peers.values.contains(where: \.isTimed) ? min(1000, max(1, sweep)) : -1
    }

    private func watch(_ descriptor: Int32, _ tag: UInt64, _ events: UInt32, _ operation: Int32) -> Bool {
        var event = epoll_event()
        event.events = events
        event.data.u64 = tag
        return epoll_ctl(poll, operation, descriptor, &event) == 0
    }

    // MARK: On any thread

    private func post(_ id: UInt64) {
        let isFirst = mailbox.withLock { box in
            defer { box.ready.insert(id) }
            return box.ready.isEmpty
        }
        if isFirst { ring() }
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(wake, &one, MemoryLayout<UInt64>.size)
    }
}

/// CLOCK_MONOTONIC in nanoseconds.
func monotonicNow() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

func nanoseconds(_ duration: Duration) -> UInt64 {
    let parts = duration.components
    let whole = UInt64(clamping: parts.seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return whole.overflow ? .max : whole.partialValue &+ UInt64(clamping: parts.attoseconds / 1_000_000_000)
}

// SPDX-License-Identifier: Apache-2.0
// RunFollower: from a request that starts or resumes a run to the run's end, with progress on the way.

import CorralBase
import CorralControl
import CorralHome
import Glibc

struct RunFollower {
    enum Outcome: Sendable {
        /// Nobody follows it.
        case started(RunID)
        case ended(RunEnd, isInterrupted: Bool)
        /// Ctrl-C twice: the run may still be ending.
        case left(RunID?)
    }

    private let client: ControlClient
    private let home: Home
    private let tenant: TenantID
    private let terminal: Terminal
    private var screen: ProgressScreen
    /// When Ctrl-C came first.
    private var cancelledAt: ContinuousClock.Instant?
    /// Ctrl-C came before the run had an id.
    private var isCancelDue = false

    init(client: ControlClient, home: Home, tenant: TenantID, terminal: Terminal, isSilent: Bool) {
        self.client = client
        self.home = home
        self.tenant = tenant
        self.terminal = terminal
        screen = ProgressScreen(terminal: terminal, isSilent: isSilent)
    }

    /// - Throws: the request's error; when the host goes away, with the command that continues the run.
    mutating func follow(_ request: ControlRequest, descriptors: [Int32] = []) throws -> Outcome {
        let watch = try Interrupts()
        defer { screen.end() }
        do {
            try client.send(request, descriptors: descriptors)
            while true {
                guard wait(watch) else { return .left(screen.board.run) }
                if let outcome = try take(try client.next(timeoutMilliseconds: 0)) { return outcome }
            }
        } catch let error as CorralError where error.code == .hostGone {
            throw screen.board.run.map { error.resumable($0, tenant) } ?? error
        }
    }

    private mutating func take(_ message: ControlClient.Message?) throws -> Outcome? {
        switch message {
        case .event(let event):
            screen.apply(event)
            if isCancelDue { cancel() }
        case .reply(.runStarted(let run)): return .started(run)
        case .reply(.runFinished(let end)): return .ended(end, isInterrupted: cancelledAt != nil)
        case .reply: throw CorralError.unexpectedReply()
        case nil: screen.tick()
        }
        return nil
    }

    /// Waits for the host, Ctrl-C or the next frame. False: leave.
    private mutating func wait(_ watch: Interrupts) -> Bool {
        var entries = [
            pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        poll(&entries, 2, terminal.isLive ? 100 : -1)
        guard entries[1].revents != 0 else { return true }
        watch.take()
        let now = ContinuousClock.now
        // One key press may come twice, from the terminal and from a program that started us.
        if let cancelledAt { return cancelledAt.duration(to: now) < .milliseconds(400) }
        cancelledAt = now
        cancel()
        return true
    }

    /// Asks over a second connection: one request at a time runs on the first.
    private mutating func cancel() {
        guard let run = screen.board.run else {
            if !isCancelDue { screen.say("cancelling when the run has started; Ctrl-C again leaves at once") }
            isCancelDue = true
            return
        }
        isCancelDue = false
        screen.say("cancelling run \(run); Ctrl-C again leaves at once")
        let reference = RunReference(tenant: tenant, run: run.text)
        do {
            let asking = try HostConnection.existing(home)
            try asking.send(.runCancel(RunCancelRequest(reference, reason: "Ctrl-C")))
            if try asking.next(timeoutMilliseconds: 5000) == nil { screen.say("the host does not answer") }
        } catch {
            screen.say("cannot cancel: \((error as? CorralError)?.message ?? "\(error)")")
        }
    }
}

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
    private var interrupts = 0
    /// Ctrl-C came before the run had an id.
    private var isCancelDue = false

    init(client: ControlClient, home: Home, tenant: TenantID, terminal: Terminal, isSilent: Bool) {
        self.client = client
        self.home = home
        self.tenant = tenant
        self.terminal = terminal
        screen = ProgressScreen(terminal: terminal, isSilent: isSilent)
    }

    /// - Throws: the request's error.
    mutating func follow(_ request: ControlRequest, descriptors: [Int32] = []) throws -> Outcome {
        let watch = try Interrupts()
        defer { screen.end() }
        try client.send(request, descriptors: descriptors)
        while true {
            guard wait(watch) else { return .left(screen.board.run) }
            switch try client.next(timeoutMilliseconds: 0) {
            case .event(let event):
                screen.apply(event)
                if isCancelDue { cancel() }
            case .reply(.runStarted(let run)): return .started(run)
            case .reply(.runFinished(let end)): return .ended(end, isInterrupted: interrupts > 0)
            case .reply: throw CorralError.unexpectedReply()
            case nil: screen.tick()
            }
        }
    }

    /// Waits for the host, Ctrl-C or the next frame. False: leave.
    private mutating func wait(_ watch: Interrupts) -> Bool {
        var entries = [
            pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        poll(&entries, 2, terminal.isLive ? 100 : -1)
        guard entries[1].revents != 0 else { return true }
        let isFirst = interrupts == 0
        interrupts += watch.take()
        guard isFirst, interrupts == 1 else { return interrupts == 0 }
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
            _ = try HostConnection.existing(home).perform(.runCancel(RunCancelRequest(reference, reason: "Ctrl-C")))
        } catch {
            screen.say("cannot cancel: \((error as? CorralError)?.message ?? "\(error)")")
        }
    }
}

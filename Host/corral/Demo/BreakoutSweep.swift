// SPDX-License-Identifier: Apache-2.0
// BreakoutSweep: a host of its own in the arena, and every attempt through the real pipeline into a real worker, one after
// the other. While an attempt on the host is under way, the neighbour must be served.

import CorralBase
import CorralControl
import CorralHome
import Glibc

final class BreakoutSweep {
    let attempts: [BreakoutAttempt]
    /// The level in force; nil when it is none of the three.
    let level: IsolationLevel?
    let levelName: String
    /// The host's home, which is gone when the demonstration has ended.
    var home: String { arena.home.path }
    private let arena: BreakoutArena
    private let host: BreakoutHost
    private let hasNeighbour: Bool
    private let interrupts: Interrupts
    private let targets: JSON
    private var heard = ""
    /// Two attempts log without end.
    private static let heardBytesMax = 1 << 20
    private static let log = "/host.log"

    /// Asks the plugin for its attempts, and lets the neighbour's worker start.
    /// - Throws: why no worker starts: `isolation_unavailable` for a level this machine has not; `attempt_unknown`.
    init(_ host: BreakoutHost, _ arena: BreakoutArena, only: [String]) throws {
        self.host = host
        self.arena = arena
        interrupts = try Interrupts()
        attempts = try Self.choose(only, of: try host.list(BreakoutArena.attacker, over: host.attacker))
        hasNeighbour = try Self.startNeighbour(host)
        let status = try host.currentStatus()
        levelName = status.isolationLevel
        level = IsolationLevel(rawValue: status.isolationLevel)
        let neighbour = status.workers.first { $0.key.hasPrefix(BreakoutArena.neighbour + "·") }
        targets = arena.targets(host: status.pid, neighbour: neighbour?.pid ?? status.pid)
    }

    /// Level basic has one tenant only, unless root gives each a user of its own: then the neighbour has its folder, and
    /// no worker.
    private static func startNeighbour(_ host: BreakoutHost) throws -> Bool {
        do {
            _ = try host.list(BreakoutArena.neighbour, over: host.bystander)
            return true
        } catch let error as CorralError where error.code.name == "second_tenant_refused" {
            return false
        }
    }

    private static func choose(_ only: [String], of all: [BreakoutAttempt]) throws -> [BreakoutAttempt] {
        guard !only.isEmpty else { return all }
        let known = Set(all.map(\.name)).union(all.map(\.kind))
        for name in only where !known.contains(name) {
            throw CorralError.attemptUnknown(name, near: nearestName(to: name, among: known.sorted()))
        }
        return all.filter { only.contains($0.name) || only.contains($0.kind) }
    }

    /// - Parameter show: called as each is decided.
    /// - Throws: what the host itself fails with: then Corral did not hold.
    func run(_ show: (BreakoutResult) -> Void) throws -> [BreakoutResult] {
        try attempts.map { attempt in
            let result = try self.result(of: attempt)
            show(result)
            return result
        }
    }

    // MARK: One attempt

    private func result(of attempt: BreakoutAttempt) throws -> BreakoutResult {
        let before = descriptorsOfHost()
        heard = ""
        let end = try perform(attempt)
        var (outcome, detail) = BreakoutVerdict.of(attempt, end)
        if outcome == .blocked, attempt.name == "control-characters" { (outcome, detail) = controlCharacters() }
        if outcome == .blocked, attempt.name == "send-descriptor", let before, let after = descriptorsOfHost(),
            after > before + 8
        {
            (outcome, detail) = (.escaped, "the host has \(after - before) descriptors more")
        }
        return BreakoutResult(attempt, outcome, detail, at: level)
    }

    private func perform(_ attempt: BreakoutAttempt) throws -> RunEnd {
        try host.attacker.send(.startRun(request(attempt)))
        // Whatever is attacked with, the others are served while it goes on.
        var mustServe = attempt.judge != .itself
        while true {
            var interrupt = pollfd(fd: interrupts.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&interrupt, 1, 0) > 0 { throw Ended(status: .interrupted) }
            switch try host.attacker.next(timeoutMilliseconds: 200) {
            case .reply(.runFinished(let end)): return end
            case .reply: throw CorralError.unexpectedReply()
            case .event(let event):
                hear(event)
                if mustServe, case .stepStarted = event.body {
                    mustServe = false
                    try serveOthers()
                }
            case nil: continue
            }
        }
    }

    private func serveOthers() throws {
        if hasNeighbour {
            _ = try host.list(BreakoutArena.neighbour, over: host.bystander)
        } else {
            _ = try host.bystander.perform(.hostStatus)
        }
    }

    private func request(_ attempt: BreakoutAttempt) throws -> StartRunRequest {
        // Enough for what must come back; short for what must be ended.
        let timeout = attempt.judge == .deadline ? "600ms" : "20s"
        let input: JSON = ["attempt": .string(attempt.name), "targets": targets]
        let text = """
            flow: breakout
            defaults: {retry: 0}
            steps:
              attempt: {agent: \(BreakoutHost.plugin), timeout: \(timeout), with: \(input.text())}
            output: "${attempt}"

            """
        return StartRunRequest(
            tenant: try TenantID(BreakoutArena.attacker), target: .flow(file: "breakout.yaml", text: text),
            mode: Durability.exit.rawValue)
    }

    // MARK: What the host shows

    /// What the plugin logged and printed, as a follower of the run is told it.
    private func hear(_ event: RunEvent) {
        guard case .log(_, _, _, let text) = event.body, heard.utf8.count < Self.heardBytesMax else { return }
        heard += text + "\n"
    }

    /// Nil where /proc does not say.
    private func descriptorsOfHost() -> Int? {
        let entries = Path.entries("/proc/\(host.status.pid)/fd")
        return entries.isEmpty ? nil : entries.count
    }

    /// What a plugin wrote must not move the cursor of who reads of it: in the run's events, or in the host's log.
    private func controlCharacters() -> BreakoutVerdict.Verdict {
        let log = try? InputFile.read(arena.home.path + Self.log, bytesMax: 64 << 20, fromEnd: 1 << 16)
        let text = heard + (log ?? "")
        guard text.contains("breakout-mark") else { return (.unclear, "what it wrote is nowhere to be read") }
        let hostile = text.unicodeScalars.first { scalar in
            (scalar.value < 0x20 && scalar != "\n" && scalar != "\t") || (0x7F..<0xA0).contains(scalar.value)
                || scalar.value == 0x202E
        }
        guard let hostile else { return (.blocked, "what it wrote is shown with its control characters escaped") }
        return (.escaped, "the host passed on the character U+\(String(hostile.value, radix: 16, uppercase: true))")
    }
}

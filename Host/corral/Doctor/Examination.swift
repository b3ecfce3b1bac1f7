// SPDX-License-Identifier: Apache-2.0
// Examination: the questions of `corral doctor`, each answered in one line.

import CorralBase
import CorralControl
import CorralHome
import CorralIdentity
import CorralStore
import Foundation
import Glibc

struct Examination {
    let home: Home

    func findings() async throws -> [Finding] {
        var findings = [version, homeFinding, projectFinding, safety]
        findings += installation
        findings += [toolchain, Machine.kernel]
        findings += await isolation()
        findings += [diskSpace] + SealFindings(home: home).findings + hostFindings + [audit]
        return findings + [configuration]
    }

    private var version: Finding {
        Finding(
            topic: "corral", state: .good,
            detail: "version \(corralVersion), control protocol \(ControlProtocol.version)")
    }

    private var homeFinding: Finding {
        Finding(topic: "home", state: .good, detail: "\(home.path) (\(home.reason))")
    }

    private var projectFinding: Finding {
        Finding(topic: "project", state: .good, detail: "\(home.project): corral.yaml, config/, plugins.d/, flows/")
    }

    private var safety: Finding {
        guard Path.exists(home.path) else {
            return Finding(topic: "home folder", state: .good, detail: "not there yet; the first run makes it")
        }
        do {
            try home.prepare()
            return Finding(topic: "home folder", state: .good, detail: "yours, and nobody else can write to it")
        } catch {
            return Finding(topic: "home folder", state: .bad, detail: error.message, fix: error.hint)
        }
    }

    private var installation: [Finding] {
        do {
            let installation = try Installation.current()
            let place = Finding(
                topic: "installation", state: .good,
                detail: "\(installation.layout == .buildTree ? "build tree" : "installed below") \(installation.root)")
            return [place, programs(installation), network(installation)]
        } catch {
            return [Finding(topic: "installation", state: .bad, detail: error.message, fix: error.hint)]
        }
    }

    private func programs(_ installation: Installation) -> Finding {
        do {
            try installation.requirePrograms()
            return Finding(topic: "programs", state: .good, detail: "\(installation.worker), \(installation.spawner)")
        } catch {
            return Finding(topic: "programs", state: .bad, detail: error.message, fix: error.hint)
        }
    }

    /// The broker is started once, so that a library it lacks is found here and not by the first request.
    private func network(_ installation: Installation) -> Finding {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: installation.broker)
        process.arguments = ["--check"]
        process.environment = [:]
        process.standardOutput = output
        process.standardError = output
        var text = ""
        var hasEnded = false
        do {
            try process.run()
            text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            hasEnded = process.terminationStatus == 0
        } catch { text = error.localizedDescription }
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        guard hasEnded, line.hasPrefix("libcurl/") else {
            return Finding(
                topic: "network", state: .bad, detail: "\(installation.broker) does not start: \(line)",
                fix: "apt-get install libcurl4, or install Corral again; only plugins' requests to the network need it")
        }
        return Finding(topic: "network", state: .good, detail: "\(installation.broker) with \(line)")
    }

    /// Only people who write plugins need one.
    private var toolchain: Finding {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard let folder = folders.first(where: { access("\($0)/swift", X_OK) == 0 }) else {
            return Finding(
                topic: "toolchain", state: .warning,
                detail: "no `swift` in PATH; only building plugins in Swift needs it",
                fix: "`make toolchain` prints the commands that install it")
        }
        return Finding(
            topic: "toolchain", state: .good, detail: "\(folder)/swift; corral was built with Swift \(Machine.swift)")
    }

    private var diskSpace: Finding {
        var folder = home.path
        while !Path.exists(folder), folder != "/" { folder = Path.folder(folder) }
        var information = statvfs()
        guard statvfs(folder, &information) == 0 else {
            return Finding(topic: "disk", state: .warning, detail: "cannot ask how much space \(folder) has")
        }
        let (free, overflow) = UInt64(information.f_bavail).multipliedReportingOverflow(
            by: UInt64(information.f_frsize))
        let bytes = Int64(clamping: overflow ? .max : free)
        let state: Finding.State = bytes < 100 << 20 ? .bad : bytes < 1 << 30 ? .warning : .good
        return Finding(
            topic: "disk", state: state, detail: "\(Quantity.bytes(bytes)) free at \(folder)",
            fix: state == .good ? nil : "free space, or name a home elsewhere with `--home DIR`")
    }

    // MARK: The host

    private var hostFindings: [Finding] {
        let socket = HostConnection.socket(of: home)
        do {
            let client = try ControlClient.connect(path: socket)
            guard case .status(let status) = try client.perform(.hostStatus) else {
                throw CorralError.unexpectedReply()
            }
            return running(status)
        } catch let error as CorralError where error.code == .hostUnreachable {
            return [lock(socket), pluginFolder]
        } catch {
            let error = error as? CorralError ?? .internalFault("\(error)")
            return [Finding(topic: "host", state: .bad, detail: error.message, fix: error.hint), pluginFolder]
        }
    }

    private func running(_ status: HostStatus) -> [Finding] {
        let host = Finding(
            topic: "host", state: .good,
            detail: "version \(status.version), pid \(status.pid), up \(Quantity.duration(status.uptimeNanoseconds)), "
                + "isolation \(status.isolationLevel), "
                + "\(count(status.workers.count, "worker")), \(count(status.runsActive, "run"))")
        let plugins = Finding(
            topic: "plugins", state: status.pluginErrors == 0 ? .good : .warning,
            detail: "\(status.plugins) usable, \(status.pluginErrors) with errors",
            fix: status.pluginErrors == 0 ? nil : "corral plugin list")
        let missing = status.degraded.map {
            Finding(
                topic: "scanning", state: .warning, detail: $0,
                fix: "put a scanner into the plugins folder (corral plugin list), or see docs/security/scanning.md")
        }
        return [host, plugins] + missing
    }

    /// Nobody listens. A held lock without a listener is a host that starts, ends or hangs.
    private func lock(_ socket: String) -> Finding {
        guard Path.exists(home.lock) else {
            return Finding(topic: "host", state: .good, detail: "none is running; the next command starts one")
        }
        do {
            _ = try HomeLock.acquire(home)
        } catch  where error.code == .homeLocked {
            return Finding(
                topic: "host", state: .warning, detail: "\(error.message), which does not listen yet or hangs",
                fix: error.hint)
        } catch {
            return Finding(topic: "host", state: .bad, detail: error.message, fix: error.hint)
        }
        let isStale = Path.exists(socket)
        return Finding(
            topic: "host", state: .good,
            detail: "none is running; the next command starts one"
                + (isStale ? " and replaces the socket that the last one left" : ""))
    }

    /// The host is asked when there is one; else the file is read.
    private var audit: Finding {
        let topic = "audit log"
        do {
            guard let verdict = try auditVerdict() else {
                return Finding(topic: topic, state: .good, detail: "not there yet; the first act makes it")
            }
            guard let problem = verdict.problems.first else {
                return Finding(
                    topic: topic, state: .good,
                    detail: "\(verdict.entries) entries, whole; head \(verdict.head.text.prefix(24))…")
            }
            let more = verdict.problems.count > 1 ? ", and \(verdict.problems.count - 1) more" : ""
            return Finding(topic: topic, state: .bad, detail: problem + more, fix: "corral audit verify")
        } catch {
            let error = error as? CorralError ?? .internalFault("\(error)")
            return Finding(topic: topic, state: .warning, detail: error.message, fix: error.hint)
        }
    }

    private func auditVerdict() throws -> AuditVerdict? {
        let client: ControlClient
        do {
            client = try ControlClient.connect(path: HostConnection.socket(of: home))
        } catch let error as CorralError where error.code == .hostUnreachable {
            return try AuditChain.verify(home: home.path)
        }
        guard case .auditVerdict(let verdict) = try client.perform(.auditVerify(AuditVerifyRequest())) else {
            throw CorralError.unexpectedReply()
        }
        return verdict
    }

    private var pluginFolder: Finding {
        let folders = [home.plugins] + ((try? Installation.current()).map { [$0.plugins] } ?? [])
        let counts = folders.map { folder in "\(Path.entries(folder).count) in \(folder)" }
        let isEmpty = folders.allSatisfy { Path.entries($0).isEmpty }
        return Finding(
            topic: "plugins", state: isEmpty ? .warning : .good,
            detail: counts.joined(separator: ", ") + "; not examined, no host is running",
            fix: isEmpty ? "drop libraries into \(home.plugins), or run `make plugins`" : "corral plugin list")
    }

    private var configuration: Finding {
        let report = ConfigCommand.Check.report(home)
        let degraded = report.rows.count { $0.state == .degraded }
        if report.errorCount > 0 {
            return Finding(
                topic: "configuration", state: .bad, detail: count(report.errorCount, "error"),
                fix: "corral config check")
        }
        return Finding(
            topic: "configuration", state: .good,
            detail: "\(count(report.files.count, "file")), no errors, \(count(degraded, "row")) degraded",
            fix: degraded == 0 ? nil : "corral config check")
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

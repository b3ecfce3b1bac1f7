// SPDX-License-Identifier: Apache-2.0
// IsolationExamination: what `corral doctor` says about keeping workers apart: each level tried to its end by a process
// that is thrown away, and what limits and users rest on.

import CorralBase
import CorralConfig
import CorralHome
import CorralSandbox
import Foundation
import Glibc

extension Examination {
    func isolation() async -> [Finding] {
        guard let installation = try? Installation.current() else { return [] }
        let spawner = Spawner(executable: installation.spawner)
        defer {
            spawner.stop()
            CgroupTree.shared.close()
        }
        let report = await spawner.isolationReport()
        return [inForce(report)] + report.findings.map(level) + [users(report), limits]
    }

    private func inForce(_ report: IsolationReport) -> Finding {
        guard let best = report.best else {
            return Finding(
                topic: "isolation", state: .bad, detail: "no level can be had; no plugin can run",
                fix: report.findings.last?.failure?.hint)
        }
        let minimum = minimum
        if let minimum, best < minimum {
            let failure = report.findings.first { $0.level == minimum }?.failure
            return Finding(
                topic: "isolation", state: .bad,
                detail: "\(best.rawValue) is the best here, and `multi_tenancy.isolation.level` demands "
                    + "\(minimum.rawValue): no worker starts",
                fix: failure?.hint)
        }
        let asked = minimum.map { "at least \($0.rawValue) is demanded" } ?? "none is demanded"
        let weakness =
            switch best {
            case .strict: ""
            case .moderate: "; without a root of their own workers can see which files exist"
            case .basic: "; workers can read what their user can, so one tenant only unless each has a user"
            }
        return Finding(
            topic: "isolation", state: best == .strict ? .good : .warning,
            detail: "\(best.rawValue) in force, \(asked)\(weakness)",
            fix: best == .strict ? nil : report.findings.first?.failure?.hint)
    }

    /// What the configuration demands; a configuration with mistakes has a line of its own.
    private var minimum: IsolationLevel? {
        let environment = ConfigurationEnvironment(variables: ProcessInfo.processInfo.environment)
        return (try? Configuration.load(directory: home.project, environment: environment))?.isolationMinimum
    }

    private func level(_ finding: IsolationReport.Finding) -> Finding {
        let topic = "· " + finding.level.rawValue
        guard let failure = finding.failure else {
            let parts =
                switch finding.level {
                case .strict: "namespaces, a root of its own, Landlock, seccomp, resource limits"
                case .moderate: "Landlock, seccomp, resource limits"
                case .basic: "seccomp, resource limits"
                }
            return Finding(topic: topic, state: .good, detail: "tried to the end: " + parts)
        }
        return Finding(
            topic: topic, state: .warning,
            detail: failure.message + (failure.cause.map { ": " + $0 } ?? ""), fix: failure.hint)
    }

    private func users(_ report: IsolationReport) -> Finding {
        guard geteuid() == 0 else {
            return Finding(
                topic: "users", state: .good,
                detail: "workers run as uid \(geteuid()), the host's; only root can give each tenant one of its own")
        }
        let detail =
            report.best == .strict
            ? "each tenant's workers have a uid of their own (host.workers.first_user)"
            : "each tenant's workers have a uid of their own where it can reach corral-worker (host.workers.first_user)"
        return Finding(topic: "users", state: .good, detail: detail)
    }

    private var limits: Finding {
        let groups = CgroupTree.shared
        var parts = groups.present.map { "\($0.rawValue) by \($1)" }
        if groups.absent[.memory] != nil { parts.append("memory by RLIMIT_AS") }
        if groups.absent[.pids] != nil { parts.append("processes by RLIMIT_NPROC") }
        if groups.absent[.cpu] != nil { parts.append("processor time by each call's deadline") }
        parts.append("storage by counting")
        let reasons = Set(groups.absent.values).sorted()
        return Finding(
            topic: "limits", state: .good,
            detail: parts.joined(separator: ", ") + (reasons.isEmpty ? "" : "; " + reasons.joined(separator: "; ")))
    }
}

// SPDX-License-Identifier: Apache-2.0
// TenantReport: what `corral tenant …` prints.

import CorralBase
import CorralControl

enum TenantReport {
    static func list(_ tenants: [TenantSummary], terminal: Terminal) -> String {
        var table = Table([
            .init(title: "TENANT", yields: true), .init(title: "STATE"), .init(title: "RUNS", isRight: true),
            .init(title: "WORKERS", isRight: true), .init(title: "SINCE"),
        ])
        for tenant in tenants {
            table.add([
                tenant.tenant.text, state(tenant), String(tenant.runsActive), String(tenant.workers),
                Quantity.time(tenant.createdAt, zoneSeconds: terminal.zoneSeconds),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func state(_ tenant: TenantSummary) -> String {
        tenant.isBeingRemoved ? "being removed" : tenant.isOpen ? "open" : "idle"
    }

    static func show(_ detail: TenantDetail, terminal: Terminal) -> String {
        let style = terminal.output
        var text = style.bold(detail.summary.tenant.text) + " " + state(detail.summary) + "\n" + head(detail, terminal)
        text += "\n" + style.bold("limits") + "\n" + limits(detail.limits, terminal)
        if !detail.ownSettings.isEmpty {
            text += "\n" + style.bold("its own settings") + "\n" + ownSettings(detail, terminal: terminal)
        }
        text += "\n" + style.bold("folders") + "\n" + folders(detail.folders, terminal)
        if !detail.plugins.isEmpty {
            text +=
                "\n" + style.bold("plugins of its own") + "\n"
                + PluginReport.list(detail.plugins, terminal: terminal)
        }
        return text + "\n" + style.bold("workers") + "\n" + StatusReport.workers(detail.workers, terminal)
    }

    private static func head(_ detail: TenantDetail, _ terminal: Terminal) -> String {
        var table = Table([
            .init(title: "", paint: { style, text in style.faint(text) }), .init(title: "", yields: true),
        ])
        table.add(["since", Quantity.time(detail.summary.createdAt, zoneSeconds: terminal.zoneSeconds)])
        table.add(["isolation", "\(detail.isolationLevel); at least \(detail.isolationMinimum ?? "any")"])
        table.add(["user", detail.user.map { "\($0)" } ?? "the host's own"])
        table.add(["own plugins", detail.allowsCustomAgents ? "allowed" : "not allowed"])
        table.add(["runs", "\(detail.summary.runsActive) under way"])
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func limits(_ limits: [TenantLimitDetail], _ terminal: Terminal) -> String {
        var table = Table(
            [.init(title: ""), .init(title: "", isRight: true), .init(title: "", yields: true)], indent: 2)
        for limit in limits {
            table.add([
                limit.limit.rawValue, limit.value.map { Quantity.amount($0, limit.limit.unit) } ?? "none", limit.origin,
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func ownSettings(_ detail: TenantDetail, terminal: Terminal) -> String {
        var table = Table([.init(title: ""), .init(title: "", yields: true)], indent: 2)
        for setting in detail.ownSettings { table.add([setting.path, setting.value]) }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func folders(_ folders: [TenantDetail.Folder], _ terminal: Terminal) -> String {
        var table = Table([.init(title: ""), .init(title: "", yields: true), .init(title: "")], indent: 2)
        for folder in folders { table.add([folder.name, folder.path, folder.isUsed ? "" : "not used"]) }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func usage(_ usage: TenantUsage, terminal: Terminal) -> String {
        let style = terminal.output
        var text = style.bold(usage.tenant.text) + "\n"
        if let error = usage.error { return text + style.error(error) + "\n" }
        var table = Table(
            [
                .init(title: "LIMIT"), .init(title: "USED", isRight: true), .init(title: "OF", isRight: true),
                .init(title: "", isRight: true, paint: { style, text in style.use(text) }),
                .init(title: "BEGINS ANEW", yields: true),
            ], indent: 2)
        for limit in usage.limits {
            table.add([
                limit.limit.rawValue, limit.used.map { Quantity.amount($0, limit.limit.unit) } ?? "",
                limit.value.map { Quantity.amount($0, limit.limit.unit) } ?? "no limit",
                limit.percent.map { "\($0) %" } ?? "",
                limit.resetsAt.map { Quantity.time($0, zoneSeconds: terminal.zoneSeconds) } ?? limit.limit.scope,
            ])
        }
        text += table.text(width: terminal.width, style: style)
        if usage.agentsWaiting > 0 { text += "  \(usage.agentsWaiting) calls wait for a place\n" }
        if usage.logLinesDropped > 0 { text += style.warn("  \(usage.logLinesDropped) log lines of today dropped\n") }
        for limit in usage.limits where limit.isWarned {
            text += style.warn("  \(limit.limit.rawValue) passed 80 % today\n")
        }
        return text
    }

    static func removed(_ removal: TenantRemoval) -> String {
        var text = "removed tenant \(removal.tenant)"
        if removal.runsCancelled > 0 { text += "; \(removal.runsCancelled) of its runs were cancelled" }
        guard let archive = removal.archive else { return text }
        text += "\nkept in \(printable(archive)) (\(Quantity.bytes(removal.archiveBytes)))"
        guard let key = removal.key else { return text }
        return text
            + "\nwhich opens with \(printable(key)) and nothing else: delete that file, and the archive is noise"
    }
}

extension TenantLimit {
    /// When what is used of a limit without a reset is free again.
    fileprivate var scope: String {
        switch self {
        case .concurrentAgents: "when an agent ends"
        case .storageBytes, .storageFiles: "when files are deleted"
        case .logBytesPerMinute: "every minute"
        case .memoryBytes, .processorPercent, .processes, .openFiles, .fileBytes: "with the next worker"
        case .callTime, .callProcessorTime, .payloadBytes: "with each call"
        case .dailyExecutions, .logBytesPerDay: ""
        }
    }
}

extension Style {
    /// A percentage in the colour of how near the limit is.
    fileprivate func use(_ text: String) -> String {
        guard let percent = Int(text.trimmed.prefix { $0.isNumber }) else { return text }
        return percent >= 100 ? bad(text) : percent >= 80 ? warn(text) : text
    }
}

extension Quantity {
    /// An amount of a limit, as people read it.
    static func amount(_ value: Int64, _ unit: TenantLimit.Unit) -> String {
        switch unit {
        case .count: String(value)
        case .bytes: bytes(value)
        case .nanoseconds: duration(value)
        case .percent: "\(value) %"
        }
    }
}

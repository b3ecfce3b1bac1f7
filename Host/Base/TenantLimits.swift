// SPDX-License-Identifier: Apache-2.0
// TenantLimits: what one tenant may use, by the name of its setting. One list drives the configuration's accessor, what
// the host enforces, `tenant show` and `tenant usage`, so that none of them can forget a limit.

/// A limit of `multi_tenancy.resource_limits.per_tenant`; the raw value is the setting's name there.
package enum TenantLimit: String, Sendable, Hashable, CaseIterable, Codable {
    case concurrentAgents = "max_concurrent_agents"
    case dailyExecutions = "max_daily_executions"
    case storageBytes = "max_storage_mb"
    case storageFiles = "max_storage_files"
    case logBytesPerMinute = "max_log_kb_per_minute"
    case logBytesPerDay = "max_log_mb_per_day"
    case memoryBytes = "max_memory_mb"
    case processorPercent = "max_cpu_percent"
    case processes = "max_processes"
    case openFiles = "max_open_files"
    case fileBytes = "max_file_mb"
    case callTime = "max_call_time"
    case callProcessorTime = "max_call_cpu_time"
    case payloadBytes = "max_payload_mb"

    /// What a value counts, and how people read it.
    package enum Unit: String, Sendable, Hashable, Codable {
        case count
        case bytes
        case nanoseconds
        case percent
    }

    package var unit: Unit {
        switch self {
        case .concurrentAgents, .dailyExecutions, .storageFiles, .processes, .openFiles: .count
        case .storageBytes, .logBytesPerMinute, .logBytesPerDay, .memoryBytes, .fileBytes, .payloadBytes: .bytes
        case .callTime, .callProcessorTime: .nanoseconds
        case .processorPercent: .percent
        }
    }

    /// How many of `unit` one of the setting's own is.
    package var scale: Int64 {
        switch self {
        case .storageBytes, .logBytesPerDay, .memoryBytes, .fileBytes, .payloadBytes: 1 << 20
        case .logBytesPerMinute: 1 << 10
        default: 1
        }
    }

    /// A value with its unit, for errors: `10`, `512 MiB`, `90 s`.
    package func text(_ value: Int64) -> String {
        switch unit {
        case .count: "\(value)"
        case .percent: "\(value) %"
        case .bytes where value >= 10 << 20: "\(value >> 20) MiB"
        case .bytes where value >= 10 << 10: "\(value >> 10) KiB"
        case .bytes: "\(value) bytes"
        case .nanoseconds where value >= 10_000_000_000: "\(value / 1_000_000_000) s"
        case .nanoseconds: "\(value / 1_000_000) ms"
        }
    }

    /// `1000 of 1000 (multi_tenancy.….max_daily_executions)`: the use, the limit and the setting.
    package func text(used: Int64, of limit: Int64) -> String { "\(text(used)) of \(text(limit)) (\(path))" }

    /// The whole path of the setting, as errors name it.
    package var path: String { Self.group + "." + rawValue }
    package static let group = "multi_tenancy.resource_limits.per_tenant"
}

/// The limits in force for a tenant; a limit without a value does not limit.
package struct TenantLimits: Sendable, Hashable {
    private var values: [TenantLimit: Int64] = [:]
    /// Where each comes from, for people: `corral.yaml:3:7`, `default`.
    package var origins: [TenantLimit: String] = [:]

    package init() {}

    /// In the limit's `unit`, at least 1.
    package subscript(limit: TenantLimit) -> Int64? {
        get { values[limit] }
        set { values[limit] = newValue }
    }
}

/// A day as limits count it: from midnight UTC, by the wall clock. What was used on a later day counts too, so a clock that
/// is stepped back gives nothing back, and one that was far ahead for a while costs what was used then and no more.
package enum UsageDay {
    package static let nanoseconds: Int64 = 86_400_000_000_000

    /// Days since 1970.
    package static func number(at wallNanoseconds: Int64) -> Int64 {
        wallNanoseconds / nanoseconds - (wallNanoseconds % nanoseconds < 0 ? 1 : 0)
    }

    /// When the next day begins, wall-clock nanoseconds.
    package static func end(at wallNanoseconds: Int64) -> Int64 { (number(at: wallNanoseconds) + 1) * nanoseconds }

    /// `in 3 h 12 min`.
    package static func textUntilEnd(at wallNanoseconds: Int64) -> String {
        let minutes = (end(at: wallNanoseconds) - wallNanoseconds + 59_999_999_999) / 60_000_000_000
        return "in \(minutes / 60) h \(minutes % 60) min, at midnight UTC"
    }
}

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
    }

    package var unit: Unit {
        switch self {
        case .concurrentAgents, .dailyExecutions, .storageFiles, .processes, .openFiles: .count
        case .storageBytes, .logBytesPerMinute, .logBytesPerDay, .memoryBytes, .fileBytes, .payloadBytes: .bytes
        case .callTime, .callProcessorTime: .nanoseconds
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

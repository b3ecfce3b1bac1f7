// SPDX-License-Identifier: Apache-2.0
// TenantMessages: what `corral tenant …` asks and what it is told.

import CorralBase

/// Adds a tenant, or changes its own settings.
package struct TenantChangeRequest: Sendable, Hashable, Codable {
    package struct Setting: Sendable, Hashable, Codable {
        /// The whole path, or the last name of the one setting that ends so.
        package var path: String
        /// As it would stand in a file: `10`, `strict`, `[a, b]`.
        package var value: String

        package init(path: String, value: String) {
            self.path = path
            self.value = value
        }
    }

    package var tenant: TenantID
    package var set: [Setting]
    package var unset: [String]

    package init(tenant: TenantID, set: [Setting] = [], unset: [String] = []) {
        self.tenant = tenant
        self.set = set
        self.unset = unset
    }
}

package struct TenantRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package init(tenant: TenantID) { self.tenant = tenant }
}

package struct TenantRemoveRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// Cancels runs that are under way; without it they are a reason to refuse.
    package var isForced: Bool
    /// Whether everything is kept in one file of the home's folder `archive`.
    package var isArchived: Bool

    package init(tenant: TenantID, isForced: Bool = false, isArchived: Bool = true) {
        self.tenant = tenant
        self.isForced = isForced
        self.isArchived = isArchived
    }
}

package struct TenantSummary: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// Wall-clock nanoseconds since 1970.
    package var createdAt: Int64
    /// Whether the host has its stores open.
    package var isOpen: Bool
    package var runsActive: Int
    package var workers: Int
    /// A removal has begun and was interrupted.
    package var isBeingRemoved: Bool

    package init(
        tenant: TenantID, createdAt: Int64, isOpen: Bool = false, runsActive: Int = 0, workers: Int = 0,
        isBeingRemoved: Bool = false
    ) {
        self.tenant = tenant
        self.createdAt = createdAt
        self.isOpen = isOpen
        self.runsActive = runsActive
        self.workers = workers
        self.isBeingRemoved = isBeingRemoved
    }
}

/// A limit in force.
package struct TenantLimitDetail: Sendable, Hashable, Codable {
    package var limit: TenantLimit
    /// Nil does not limit.
    package var value: Int64?
    /// `default`, or file, line and column.
    package var origin: String

    package init(_ limit: TenantLimit, value: Int64?, origin: String) {
        self.limit = limit
        self.value = value
        self.origin = origin
    }
}

package struct TenantDetail: Sendable, Hashable, Codable {
    package struct Folder: Sendable, Hashable, Codable {
        package var name: String
        package var path: String
        /// Whether what lies there is used.
        package var isUsed: Bool

        package init(name: String, path: String, isUsed: Bool) {
            self.name = name
            self.path = path
            self.isUsed = isUsed
        }
    }

    package var summary: TenantSummary
    /// The level its workers get, and the least they may have (nil: any).
    package var isolationLevel: String
    package var isolationMinimum: String?
    /// The user its workers run as when the host is root; nil when they run as the host's.
    package var user: UInt32?
    package var allowsCustomAgents: Bool
    package var limits: [TenantLimitDetail]
    /// What the tenant's own file sets.
    package var ownSettings: [TenantChangeRequest.Setting]
    package var folders: [Folder]
    /// Plugins of its own, and files in its `plugins.d` that cannot be used.
    package var plugins: [PluginSummary]
    package var workers: [WorkerStatus]

    package init(
        summary: TenantSummary, isolationLevel: String, isolationMinimum: String? = nil, user: UInt32? = nil,
        allowsCustomAgents: Bool = false, limits: [TenantLimitDetail] = [],
        ownSettings: [TenantChangeRequest.Setting] = [], folders: [Folder] = [], plugins: [PluginSummary] = [],
        workers: [WorkerStatus] = []
    ) {
        self.summary = summary
        self.isolationLevel = isolationLevel
        self.isolationMinimum = isolationMinimum
        self.user = user
        self.allowsCustomAgents = allowsCustomAgents
        self.limits = limits
        self.ownSettings = ownSettings
        self.folders = folders
        self.plugins = plugins
        self.workers = workers
    }
}

/// What a removal left.
package struct TenantRemoval: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// The file everything was kept in; nil when nothing was.
    package var archive: String?
    package var archiveBytes: Int64
    /// The file with the key that opens the archive; nil when it was dropped, or there was none.
    package var key: String?
    package var runsCancelled: Int

    package init(
        tenant: TenantID, archive: String? = nil, archiveBytes: Int64 = 0, key: String? = nil, runsCancelled: Int = 0
    ) {
        self.tenant = tenant
        self.archive = archive
        self.archiveBytes = archiveBytes
        self.key = key
        self.runsCancelled = runsCancelled
    }
}

/// Asks what tenants have used of their limits; without a tenant, all of them.
package struct TenantUsageRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID?
    package init(tenant: TenantID? = nil) { self.tenant = tenant }
}

/// What is used of one limit.
package struct TenantLimitUse: Sendable, Hashable, Codable {
    package var limit: TenantLimit
    /// Nil does not limit.
    package var value: Int64?
    /// Nil for what only the kernel counts, and for limits of single calls.
    package var used: Int64?
    /// Wall-clock nanoseconds since 1970; nil when it frees itself by use.
    package var resetsAt: Int64?
    /// Whether the warning of today has been given.
    package var isWarned = false

    package init(_ limit: TenantLimit, value: Int64?, used: Int64?) {
        self.limit = limit
        self.value = value
        self.used = used
    }

    package var percent: Int64? {
        guard let value, let used, value > 0 else { return nil }
        return Int64(clamping: Int128(used) * 100 / Int128(value))
    }

    /// From four fifths on there is a warning.
    package var isNear: Bool { percent.map { $0 >= 80 } ?? false }

    package var isDaily: Bool { limit == .dailyExecutions || limit == .logBytesPerDay }

    /// `812 of 1000 (multi_tenancy.….max_daily_executions)`.
    package var text: String {
        guard let value, let used else { return limit.path }
        return limit.text(used: used, of: value)
    }
}

package struct TenantUsage: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package var at: Int64
    package var limits: [TenantLimitUse]
    /// Calls that wait for `max_concurrent_agents`.
    package var agentsWaiting: Int64
    /// Log lines of today that were counted and not kept.
    package var logLinesDropped: Int64
    /// Why nothing can be said about it, for example a damaged database.
    package var error: CorralError?

    package init(
        tenant: TenantID, at: Int64, limits: [TenantLimitUse] = [], agentsWaiting: Int64 = 0,
        logLinesDropped: Int64 = 0, error: CorralError? = nil
    ) {
        self.tenant = tenant
        self.at = at
        self.limits = limits
        self.agentsWaiting = agentsWaiting
        self.logLinesDropped = logLinesDropped
        self.error = error
    }
}

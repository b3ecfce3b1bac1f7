// SPDX-License-Identifier: Apache-2.0
// TenantLimitsFields: `multi_tenancy.resource_limits.per_tenant`, one field for each `TenantLimit`. The first limits hold
// for all a tenant does together, the next for each of its worker processes, the last for each call.

import CorralBase

extension Field {
    static let resourceLimits = Field.group(
        "resource_limits", "What a tenant may use.",
        [.group("per_tenant", "For each tenant.", together + eachWorker + eachCall + later)], effect: .active,
        tenantRule: .lower)

    private static let together: [Field] = [
        limit(.concurrentAgents, 1...100_000, nil, "Agents at work at once; further calls wait."),
        limit(.dailyExecutions, 1...1_000_000_000, nil, "Runs in a day, counted from midnight UTC."),
        limit(
            .storageBytes, 1...1_000_000_000, 10_240,
            "Disk space in MiB of all the tenant's files. Above it no run starts; above 110 % calls are ended."),
        limit(.storageFiles, 16...1_000_000_000, 200_000, "Files and folders (inodes), with the same two thresholds."),
        limit(.logBytesPerMinute, 1...1_000_000_000, 10_240, "KiB of log lines in a minute; more are counted only."),
        limit(.logBytesPerDay, 1...1_000_000_000, 1_024, "MiB of log lines in a day (UTC); more are counted only."),
    ]

    private static let eachWorker: [Field] = [
        limit(
            .memoryBytes, 64...1_000_000_000, 2_048,
            "MiB of memory that all the tenant's workers hold together; the largest is ended above it."),
        limit(
            .processorPercent, 1...1_000_000, nil,
            "Processor time of one worker, in percent of one processor. By a cgroup, where the host can make one."),
        limit(.processes, 8...1_000_000, 256, "Threads and processes of one worker."),
        limit(.openFiles, 32...1_000_000, 512, "Open files of one worker."),
        limit(.fileBytes, 1...1_000_000_000, 64, "MiB of the longest file a worker writes."),
    ]

    private static let eachCall: [Field] = [
        Field(
            TenantLimit.callTime.rawValue,
            .scalar(.duration(.milliseconds(10) ... .seconds(7 * 86_400), words: [])),
            "The longest a call may take, whatever its flow allows."),
        Field(
            TenantLimit.callProcessorTime.rawValue,
            .scalar(.duration(.milliseconds(10) ... .seconds(7 * 86_400), words: [])),
            "Processor time of one call, over all its threads.", standard: "10m"),
        limit(
            .payloadBytes, 1...Int64(Limits.requestBytesMax >> 20), Int64(Limits.requestBytesMax >> 20),
            "MiB of one request and of one result."),
    ]

    private static let later: [Field] = [
        Field(
            "max_cost_per_day", .scalar(.money), "US dollars in a day.",
            effect: .inert("this version calls no models, so nothing costs"))
    ]

    private static func limit(
        _ limit: TenantLimit, _ range: ClosedRange<Int64>, _ standard: Int64?, _ help: String
    ) -> Field {
        .whole(limit.rawValue, range, standard, help)
    }
}

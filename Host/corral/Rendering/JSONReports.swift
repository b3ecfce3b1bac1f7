// SPDX-License-Identifier: Apache-2.0
// JSONReports: what `--json` prints. The member names are part of the interface (docs/cli.md); times are nanoseconds
// since 1970, durations nanoseconds.

import CorralBase
import CorralControl

extension CorralError {
    var json: JSON {
        object([
            ("code", .string(code.text)), ("name", .string(code.name)), ("message", .string(message)),
            ("hint", text(hint)), ("cause", text(cause)), ("retryable", .bool(isRetryable)),
        ])
    }
}

extension Diagnostic {
    var json: JSON {
        object([
            ("severity", .string(severity.rawValue)), ("code", .string(code.text)), ("name", .string(code.name)),
            ("message", .string(message)), ("file", .string(location.file)), ("line", number(location.line)),
            ("column", number(location.column)), ("suggestion", text(suggestion)),
        ])
    }
}

extension RunSummary {
    var json: JSON {
        object([
            ("run", .string(run.text)), ("tenant", .string(tenant.text)), ("flow", .string(name)),
            ("state", .string(state.rawValue)), ("started_at", .int(startedAt)), ("finished_at", whole(finishedAt)),
            ("steps_done", number(stepsDone)), ("steps_total", number(stepsTotal)), ("user", text(user)),
            ("feature", text(feature)), ("session", text(session)),
            ("task_type", text(taskType)), ("complexity", text(complexity)),
            ("labels", object(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ("confidence", confidence.map { .double($0) } ?? .null), ("changes", .array(changes.map { .string($0) })),
            ("error", error?.json ?? .null),
        ])
    }
}

extension RunDetail {
    var json: JSON {
        guard case .object(var run) = summary.json else { return .null }
        run["mode"] = .string(mode)
        run["principal"] = text(principal)
        run["flow_digest"] = text(flowDigest)
        run["isolation_level"] = .string(isolationLevel)
        run["steps"] = .array(steps.map(\.json))
        run["output"] = output?.value ?? .null
        run["artifacts"] = .array(artifacts.map { $0.json() })
        run["scores"] = .array(scores.map(\.json))
        run["may_have_run"] = .array(mayHaveRun.map(\.json))
        run["spans"] = .array(spans.map(\.json))
        run["spans_dropped"] = number(spansDropped)
        return .object(run)
    }
}

extension ScoreDetail {
    var json: JSON {
        object([
            ("step", .string(step.step)), ("item", step.item.map(number) ?? .null), ("attempt", number(step.attempt)),
            ("judge", .string(judge)), ("criterion", .string(criterion)), ("score", score.map { .double($0) } ?? .null),
            ("explanation", .string(explanation)), ("at", .int(at)),
        ])
    }
}

extension StepReference {
    var json: JSON {
        object([("step", .string(step)), ("item", item.map(number) ?? .null), ("attempt", number(attempt))])
    }
}

extension StepDetail {
    var json: JSON {
        object([
            ("step", .string(reference.step)), ("item", reference.item.map(number) ?? .null),
            ("attempt", number(reference.attempt)), ("state", .string(state.rawValue)), ("target", .string(target)),
            ("started_at", whole(startedAt)), ("queued_ns", .int(queuedNanoseconds)),
            ("running_ns", .int(runningNanoseconds)), ("cpu_ns", whole(meter?.processorNanoseconds)),
            ("rss_peak_bytes", whole(meter?.residentBytesMax)), ("request_bytes", whole(meter?.requestBytes)),
            ("result_bytes", whole(meter?.resultBytes)), ("worker", text(worker)),
            ("plugin_digest", text(pluginDigest)),
            ("confidence", confidence.map { .double($0) } ?? .null),
            (
                "changes",
                .array(changes.map { object([("class", .string($0.changeClass)), ("target", .string($0.target))]) })
            ), ("error", error?.json ?? .null), ("reason", text(reason)), ("from_journal", .bool(isFromJournal)),
            ("opaque", .array(opaque.map { .string($0) })), ("prompts", .array(prompts.map { .string($0) })),
        ])
    }
}

extension SpanDetail {
    var json: JSON {
        object([
            ("id", .string(id)), ("parent", text(parent)), ("name", .string(name)), ("kind", .string(kind)),
            ("step", step?.json ?? .null), ("started_at", .int(startedAt)), ("queued_until", whole(queuedUntil)),
            ("ended_at", whole(endedAt)), ("status", .string(status)), ("attributes", attributes.value),
        ])
    }
}

extension ArtifactDescription {
    /// - Parameter path: where it was saved; left out when it was not.
    func json(path: String? = nil) -> JSON {
        object(
            [
                ("name", .string(name)), ("sha256", .string(sha256)), ("media_type", .string(mediaType)),
                ("bytes", .int(bytes)),
            ] + (path.map { [("path", .string($0))] } ?? []))
    }
}

extension RunEnd {
    /// - Parameter paths: where each artifact was saved, by its place in `artifacts`.
    func json(paths: [String?]) -> JSON {
        let files = artifacts.enumerated().map { $1.json(path: $0 < paths.count ? paths[$0] : nil) }
        return object([
            ("run", .string(run.text)), ("state", .string(state.rawValue)), ("started_at", .int(startedAt)),
            ("finished_at", .int(finishedAt)), ("output", output?.value ?? .null), ("artifacts", .array(files)),
            ("error", error?.json ?? .null), ("failed_step", text(failedStep)),
        ])
    }
}

extension PluginSummary {
    var json: JSON {
        object([
            ("id", text(id)), ("version", text(version)), ("kinds", .array(kinds.map { .string($0) })),
            ("summary", text(summary)), ("path", .string(path)), ("error", error?.json ?? .null),
            ("held", held?.json ?? .null),
        ])
    }
}

extension PluginDetail {
    var json: JSON {
        guard case .object(var detail) = plugin.json else { return .null }
        detail["digest"] = .string(digest)
        detail["toolchain"] = text(toolchain)
        detail["compartment"] = .string(compartment)
        detail["compartment_mates"] = .array(compartmentMates.map { .string($0) })
        detail["serial"] = .bool(isSerial)
        detail["quarantined"] = .bool(isQuarantined)
        detail["input_schema"] = inputSchema?.value ?? .null
        detail["output_schema"] = outputSchema?.value ?? .null
        detail["tools"] = .array(
            tools.map { tool in
                object([
                    ("name", .string(tool.name)), ("summary", text(tool.summary)), ("signature", text(tool.signature)),
                    ("input_schema", tool.inputSchema?.value ?? .null),
                ])
            })
        detail["grants"] = .array(
            grants.map { grant in
                [
                    "kind": .string(grant.kind), "asked": .string(grant.asked),
                    "granted": .array(grant.granted.map { .string($0) }), "origin": .string(grant.origin),
                    "used": .int(Int64(grant.used)),
                ]
            })
        detail["refused"] = .array(
            refusals.map { refusal in
                [
                    "kind": .string(refusal.kind), "target": .string(refusal.target),
                    "count": .int(Int64(refusal.count)),
                ]
            })
        detail["configuration"] = configuration?.value ?? .null
        detail["manifest"] = manifest?.value ?? .null
        return .object(detail)
    }
}

extension HostStatus {
    var json: JSON {
        object([
            ("version", .string(version)), ("pid", number(Int(pid))), ("started_at", .int(startedAt)),
            ("uptime_ns", .int(uptimeNanoseconds)), ("home", .string(home)), ("ephemeral", .bool(isEphemeral)),
            ("isolation_level", .string(isolationLevel)),
            ("isolation_facts", .array(isolationFacts.map { .string($0) })),
            ("workers", .array(workers.map(\.json))), ("plugins", number(plugins)),
            ("plugin_errors", number(pluginErrors)), ("runs_active", number(runsActive)),
            ("counters", object(counters.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
        ])
    }
}

extension WorkerStatus {
    var json: JSON {
        object([
            ("key", .string(key)), ("pid", number(Int(pid))), ("state", .string(state)),
            ("plugins", .array(plugins.map { .string($0) })), ("calls_running", number(callsRunning)),
            ("isolation_level", .string(isolationLevel)),
            ("started_at", .int(startedAt)),
        ])
    }
}

extension TenantSummary {
    var json: JSON {
        object([
            ("tenant", .string(tenant.text)), ("created_at", .int(createdAt)), ("open", .bool(isOpen)),
            ("runs_active", number(runsActive)), ("workers", number(workers)),
            ("being_removed", .bool(isBeingRemoved)),
        ])
    }
}

extension TenantDetail {
    var json: JSON {
        guard case .object(var detail) = summary.json else { return .null }
        detail["isolation_level"] = .string(isolationLevel)
        detail["isolation_minimum"] = text(isolationMinimum)
        detail["user"] = user.map { .int(Int64($0)) } ?? .null
        detail["custom_agents"] = .bool(allowsCustomAgents)
        detail["limits"] = .array(
            limits.map { limit in
                object([
                    ("limit", .string(limit.limit.rawValue)), ("unit", .string(limit.limit.unit.rawValue)),
                    ("value", whole(limit.value)), ("origin", .string(limit.origin)),
                ])
            })
        detail["own_settings"] = object(ownSettings.map { ($0.path, .string($0.value)) })
        detail["folders"] = .array(
            folders.map {
                object([("name", .string($0.name)), ("path", .string($0.path)), ("used", .bool($0.isUsed))])
            })
        detail["plugins"] = .array(plugins.map(\.json))
        detail["worker_list"] = .array(workers.map(\.json))
        return .object(detail)
    }
}

extension TenantUsage {
    var json: JSON {
        object([
            ("tenant", .string(tenant.text)), ("at", .int(at)),
            (
                "limits",
                .array(
                    limits.map { use in
                        object([
                            ("limit", .string(use.limit.rawValue)), ("unit", .string(use.limit.unit.rawValue)),
                            ("value", whole(use.value)), ("used", whole(use.used)), ("percent", whole(use.percent)),
                            ("resets_at", whole(use.resetsAt)), ("warned", .bool(use.isWarned)),
                        ])
                    })
            ), ("agents_waiting", .int(agentsWaiting)), ("log_lines_dropped", .int(logLinesDropped)),
            ("error", error?.json ?? .null),
        ])
    }
}

extension TenantRemoval {
    var json: JSON {
        object([
            ("tenant", .string(tenant.text)), ("archive", text(archive)), ("archive_bytes", .int(archiveBytes)),
            ("key", text(key)),
            ("runs_cancelled", number(runsCancelled)),
        ])
    }
}

private func object(_ members: [(String, JSON)]) -> JSON { .object(JSONObject(members)) }
private func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
private func whole(_ value: Int64?) -> JSON { value.map { .int($0) } ?? .null }
private func number(_ value: Int) -> JSON { .int(Int64(value)) }

// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Notices: where news come from: runs that begin and end, agents and what they declare, limits, plugins that
// crash. What nobody wants to hear of is not even written down.

import CorralBase
import CorralControl
import CorralFlow
import CorralPipeline
import CorralStore
import CorralSupervision
import CorralWire

extension TenantRuntime {
    /// An agent's output that is worth putting into news; more is looked up in the run.
    private static let outputBytesMax = 4 << 10

    /// Not waited for: no run is held up by whoever is told of it.
    private func tell(_ notice: Notice) { Task { await self.courier.announce(notice) } }

    private func wants(_ topic: NoticeTopic) -> Bool { settings.notifications.wants(topic) }

    private func place(of key: AttemptKey, _ target: String, in run: ActiveRun) -> NoticePlace {
        NoticePlace(run: run.id, flow: run.definition.name, step: key.step, item: key.item, agent: target)
    }

    // MARK: Runs

    func tellRunBegan(_ run: ActiveRun) {
        guard wants(.taskCreated) else { return }
        tell(.run(.taskCreated, run.id, flow: run.definition.name, at: run.startedAt))
    }

    func tellRunEnded(_ run: ActiveRun, _ end: RunEnd) {
        switch end.state {
        case .succeeded:
            if wants(.taskCompleted) {
                tell(.run(.taskCompleted, run.id, flow: run.definition.name, at: end.finishedAt))
            }
        case .failed:
            guard wants(.runFailed), let error = end.error else { return }
            tell(
                .runFailed(
                    run.id, flow: run.definition.name, error, step: end.failedStep, at: end.finishedAt))
        default: break
        }
    }

    // MARK: Steps

    func tellStepBegan(_ key: AttemptKey, of run: ActiveRun) {
        guard wants(.agentStarted), let target = run.target(of: key) else { return }
        tell(
            .step(
                .agentStarted, .info, place(of: key, target, in: run), title: "\(target) has begun",
                text: "\(run.definition.name)/\(key.step)", at: clock.wallNanoseconds()))
    }

    /// What a step gave goes to the judges, and what it means to whoever asked to be told.
    func stepSucceeded(_ key: AttemptKey, _ call: Call, _ result: CallResult, of run: ActiveRun) {
        let place = place(of: key, call.targetText, in: run)
        if settings.evaluation.isActive {
            let step = JudgedStep(
                place: place, attempt: key, span: call.span, context: call.context, input: call.body,
                output: result.bytes)
            Task { await self.judges.offer(step) }
        }
        guard !settings.notifications.rules.isEmpty else { return }
        var data = JSONObject()
        data["confidence"] = result.confidence.map { .double($0) }
        if result.bytes.count <= Self.outputBytesMax { data["output"] = result.value }
        if wants(.agentCompleted) {
            tell(
                .step(
                    .agentCompleted, .info, place, title: "\(place.agent) is done", text: "\(place.flow)/\(place.step)",
                    data: data, at: clock.wallNanoseconds()))
        }
        if wants(.change) { tellChanges(result, place, data) }
        if wants(.humanReviewRequired) { tellReview(result, place, data) }
    }

    func stepFailed(_ key: AttemptKey, _ error: CorralError, of run: ActiveRun) {
        guard wants(.agentFailed), let target = run.target(of: key) else { return }
        tell(
            .step(
                .agentFailed, .error, place(of: key, target, in: run), title: "\(target) failed",
                text: "\(run.definition.name)/\(key.step): \(error.message)",
                data: ["code": .string(error.code.text), "error": .string(error.message)], at: clock.wallNanoseconds()))
    }

    private func tellChanges(_ result: CallResult, _ place: NoticePlace, _ data: JSONObject) {
        for change in result.changes {
            var data = data
            data["class"] = .string(change.changeClass)
            data["target"] = .string(change.target)
            let confidence = result.confidence.map { ", confidence \($0)" } ?? ""
            tell(
                .step(
                    .change, .warning, place, title: "\(change.changeClass): \(change.target) (\(place.flow))",
                    text:
                        "\(place.agent) declares a change of class \(change.changeClass): \(change.target)\(confidence)",
                    changeClass: change.changeClass, data: data, at: clock.wallNanoseconds()))
        }
    }

    /// What would ask a person is announced; no run waits for an answer.
    private func tellReview(_ result: CallResult, _ place: NoticePlace, _ data: JSONObject) {
        var reasons = result.changes.filter { settings.notifications.reviewClasses.contains($0.changeClass) }
            .map { "\($0.changeClass): \($0.target)" }
        if let least = settings.notifications.reviewConfidence, let confidence = result.confidence, confidence < least {
            reasons.append("confidence \(confidence), below \(least)")
        }
        guard !reasons.isEmpty else { return }
        var data = data
        data["reasons"] = .array(reasons.map { .string($0) })
        tell(
            .step(
                .humanReviewRequired, .warning, place, title: "\(place.flow)/\(place.step) should be looked at",
                text: reasons.joined(separator: "\n"), data: data, at: clock.wallNanoseconds()))
    }

    // MARK: The tenant

    func tellLimit(_ use: TenantLimitUse) {
        guard wants(.limitWarning) else { return }
        tell(.limitWarning(use, tenant: tenant, at: clock.wallNanoseconds()))
    }

    func tellQuarantine(_ plugin: PluginID, _ error: CorralError) {
        guard wants(.pluginQuarantined) else { return }
        tell(.quarantined(plugin, error, tenant: tenant, at: clock.wallNanoseconds()))
    }
}

extension ActiveRun {
    /// What a step calls: an agent's id or a tool's name.
    func target(of key: AttemptKey) -> String? {
        definition.steps.first { $0.name == key.step }?.target.description
    }
}

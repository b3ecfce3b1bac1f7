// SPDX-License-Identifier: Apache-2.0
// EvaluationConfiguration: the section `evaluation` in typed form, and what its schema cannot say: which members a kind of
// rule needs.

import CorralBase

extension LoadedConfiguration {
    package var evaluation: EvaluationSettings {
        var settings = EvaluationSettings()
        guard isOn("evaluation") else { return settings }
        settings.rules = (node(at: "evaluation.rules")?.members ?? []).map { member in
            var criterion = member.node.json.objectValue ?? [:]
            criterion["for"] = nil
            let named = [("name", JSON.string(member.name))] + criterion.members.map { ($0.key, $0.value) }
            return EvaluationRule(
                name: member.name, targets: (member.node.texts("for") ?? []).compactMap { StepPattern($0) },
                criterion: .object(JSONObject(named)))
        }
        settings.judges = node(at: "evaluation")?.texts("judges")?.compactMap { try? PluginID($0) }
        settings.rate = value("evaluation.rate")?.doubleValue ?? settings.rate
        settings.timeout = value("evaluation.timeout")?.stringValue.flatMap(DurationText.parse) ?? settings.timeout
        settings.concurrency = value("evaluation.concurrency")?.intValue.flatMap { Int(exactly: $0) } ?? 2
        settings.passScore = value("evaluation.pass_score")?.doubleValue ?? settings.passScore
        return settings
    }
}

enum EvaluationChecks {
    /// What a rule of each kind cannot do without; one of each group.
    private static let needed: [String: [String]] = [
        "schema": ["schema"], "contains": ["texts"], "lacks": ["texts"], "length": ["min", "max"],
        "range": ["min", "max"], "expression": ["check"],
    ]

    static func rules(_ sections: [ResolvedNode.Member]) -> [Diagnostic] {
        let section = sections.first { $0.name == Field.evaluationSection.name }
        return (section?.node["rules"]?.members ?? []).compactMap { rule in
            guard let kind = rule.node["kind"]?.leaf?.value?.stringValue, let needed = needed[kind],
                !needed.contains(where: { rule.node[$0] != nil })
            else { return nil }
            return .evaluationRuleIncomplete(rule.name, kind, needed, at: rule.node.location)
        }
    }
}

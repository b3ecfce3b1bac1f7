// SPDX-License-Identifier: Apache-2.0
// PromptsSection: which versions of prompts count.

import CorralBase

extension Field {
    static let promptsSection = Field.group(
        "prompts", "Which versions of prompts plugins get; `corral prompt` has the versions.",
        [
            Field(
                "label", .scalar(.text),
                "Calls get the version that carries this label, else the one in production, else the plugin's own text.",
                standard: "production")
        ], effect: .active, tenantRule: .free)
}

extension LoadedConfiguration {
    /// `prompts.label`.
    package var promptLabel: String { value("prompts.label")?.stringValue ?? "production" }

    /// Whether a change that comes from feedback needs no approval: one of the two settings that say so is not enough,
    /// because the other then forbids it.
    package var promptsLearn: Bool {
        isOn("feedback_loops") && isOn("human_review")
            && value("feedback_loops.success_analysis.update_agent_prompts") == .bool(true)
            && value("human_review.feedback_integration.update_agent_prompts") == .bool(true)
    }
}

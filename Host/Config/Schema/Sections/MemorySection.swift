// SPDX-License-Identifier: Apache-2.0
// MemorySection: the layers agents remember in, sharing and retrieval.

import CorralBase

extension Field {
    static let memorySection = Field.group(
        "memory", "What agents remember, where, and for how long.",
        [
            .enabled,
            .group(
                "layers", "The three layers of memory.",
                [
                    layer(
                        "short_term", "What matters now.",
                        ["current_task_context", "recent_decisions"]),
                    layer(
                        "medium_term", "What mattered lately.",
                        ["recent_task_results", "learned_patterns", "common_errors"]),
                    layer(
                        "long_term", "What stays true.",
                        ["project_knowledge", "best_practices", "architectural_decisions"]),
                ]),
            .group(
                "sharing", "Who sees what others remember.",
                [
                    .flag("cross_agent", false, "Agents see each other's memory."),
                    .flag("cross_session", false, "A session sees the memory of earlier ones."),
                ]),
            .group(
                "retrieval", "How memory is searched.",
                [
                    .flag("semantic_search", false, "Search by meaning, with an embedder."),
                    .number("relevance_threshold", 0...1, 0.7, "Results below this are left out."),
                ]),
        ], effect: .inert("agents have no memory between runs"), tenantRule: .free)

    private static func layer(_ name: String, _ help: String, _ uses: [String]) -> Field {
        .group(
            name, help,
            [
                .choice(
                    "type", ["sqlite", "chromadb", "redis"], "sqlite", "The backend that keeps it.",
                    needs: ["chromadb": .chromadb, "redis": .redis]),
                Field(
                    "retention",
                    .scalar(
                        .duration(.seconds(1) ... .seconds(36_500 * 86_400), words: ["current_session", "forever"])),
                    "How long it is kept."),
                .text("storage", "Where it lies; a relative path lies under the tenant."),
                .names("use_for", known: uses, "What is put there."),
            ])
    }
}

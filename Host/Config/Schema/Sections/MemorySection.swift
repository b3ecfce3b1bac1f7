// SPDX-License-Identifier: Apache-2.0
// MemorySection: the layers agents remember in, sharing and retrieval.

import CorralBase

extension Field {
    static let memorySection = Field.group(
        "memory", "What agents remember, where, and for how long.",
        [
            .enabled,
            Field(
                "backend", .scalar(.text),
                "The plugin that keeps it, such as corral/memory-sqlite; needed only when several are installed.",
                tenantRule: .never),
            .group(
                "layers", "The three layers of memory.",
                [
                    layer(
                        "short_term", "What matters now.", "current_session",
                        ["current_task_context", "recent_decisions"]),
                    layer(
                        "medium_term", "What mattered lately.", "7_days",
                        ["recent_task_results", "learned_patterns", "common_errors"]),
                    layer(
                        "long_term", "What stays true.", "90_days",
                        ["project_knowledge", "best_practices", "architectural_decisions"]),
                ]),
            .group(
                "sharing", "Who sees what others remember.",
                [
                    .flag(
                        "cross_agent", false,
                        "Agents may use the scopes session and tenant, which all agents see; their own is theirs alone."
                    ),
                    .flag("cross_session", true, "A session sees the memory of earlier ones."),
                ]),
            .group(
                "retrieval", "How memory is searched.",
                [
                    .flag(
                        "semantic_search", false,
                        "Search by meaning. Needs an embedder, and there is none yet: search is by keywords."),
                    .number(
                        "relevance_threshold", 0...1, 0.7,
                        "Results of a search below this are left out. A keyword score of 0.75 and more says that every "
                            + "word of the query is in the entry; rare words weigh more than common ones."),
                ]),
        ], effect: .active, tenantRule: .free)

    private static func layer(_ name: String, _ help: String, _ retention: String, _ uses: [String]) -> Field {
        .group(
            name, help,
            [
                .choice(
                    "type", ["sqlite", "chromadb", "redis"], "sqlite",
                    "The backend that keeps it. The one that is there keeps all layers (`memory.backend`)."),
                Field(
                    "retention",
                    .scalar(
                        .duration(.seconds(1) ... .seconds(36_500 * 86_400), words: ["current_session", "forever"])),
                    "How long it is kept after its last change. current_session: seen by that session only, and kept for a "
                        + "day.",
                    standard: .string(retention)),
                Field(
                    "storage", .scalar(.text), "Where it lies; a relative path lies under the tenant.",
                    effect: .inert("the backend keeps all layers in its own folder, tenants/ID/storage/")),
                Field(
                    "use_for", .list(of: .scalar(.name(known: uses))), "What is put there.",
                    effect: .inert("agents say for each entry in which layer it belongs")),
            ])
    }
}

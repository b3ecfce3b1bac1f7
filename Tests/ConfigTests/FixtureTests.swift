// SPDX-License-Identifier: Apache-2.0
// FixtureTests: the product's reference configuration drops in byte for byte.

import CorralBase
import CorralConfig
import CorralDocument
import Foundation
import Testing

@Suite struct FixtureTests {
    /// SHA-256 of each file as it was delivered; nobody edits a fixture to make a test pass.
    static let digests = """
        675f5f0745fa801ea5c3b4b4009164b1057617abd49eb9d62e1b8fb6096a53a4  cost_management_config.yaml
        7593ad662387fcbbe44c20022529df47a324860ec44a4a62a3bc3cff10f6d8c2  evaluation_config.yaml
        27a9ffe27957430d3b85ebf07e5a5edf93c4ddb34372a2524b3e23691430d587  events_config.yaml
        bc02f052685b42068a831fd90d84b91d6891d99975675f7252f52ed7fb85a2da  feedback_loop_config.yaml
        8c9c971431c045bb188535ed38a3ee3d24258e95695b01f73517f8b2dd8a11fd  human_review_config.yaml
        a7cc11d43647c6a4d7c434805e01b7f1fc97348e9c61ff0dd912f6d1b3886c0f  mcp_config_enhanced.json
        5f8f7cbd639abb833ef99a016c39bee1bcfe3eb763b5d40083c1898f86ef4c2e  memory_config.yaml
        7c33e786c67d570b1dd9b400821651398a0ab2d6b49cd5e8d79ff5243a392fd9  multi_tenancy_config.yaml
        e6e2e1be1e126cde7b1873bc112a92f93e149c676bfb1f7ab444652c1d6b6d21  observability_config.yaml
        ec99a06ab186aa01a9cd5a36ebdedea9cd7d6f89f25e588d03828e632e95c8cc  security_config.yaml
        """

    @Test func fixturesAreAsDelivered() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = fixtureNames
        process.currentDirectoryURL = testFolder.appending(path: "Fixtures")
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text.trimmingCharacters(in: .newlines) == Self.digests)
    }

    @Test(arguments: fixtureNames) func eachFileLoadsAlone(_ name: String) throws {
        let loaded = try Configuration.resolve([fixture(name)], environment: .empty)
        let expectedWarnings = name == "cost_management_config.yaml" ? 6 : 0
        #expect(loaded.warnings.count == expectedWarnings)
        #expect(loaded.warnings.allSatisfy { $0.code == .configRuleUnquoted })
    }

    @Test func allFilesLoadTogetherFromAFolder() throws {
        try withFolder { folder in
            try FileManager.default.copyItem(
                at: testFolder.appending(path: "Fixtures"), to: folder.appending(path: "config"))
            let loaded = try Configuration.load(directory: folder.path, environment: .empty)
            #expect(loaded.files.count == fixtureNames.count)
            #expect(loaded.warnings.count == 6)
            #expect(loaded.value("security.rate_limiting.per_user") == "100/hour")
            #expect(loaded.value("mcpServers.21st-magic.args") == ["@21st-dev/mcp"])
            #expect(loaded.value("human_review.workflow.reviewers[1].role") == "security_team")
            #expect(loaded.value("cost_management.budgets.daily_limit") == 50.0)
            #expect(loaded.value("evaluation.llm_as_judge.scoring.scale") == "1-10")
        }
    }

    @Test func allFilesLoadInlineInOneFile() throws {
        let texts = try fixtureNames.filter { $0.hasSuffix(".yaml") }.map { try fixture($0).text }
        let inline = texts.joined(separator: "\n")
        let loaded = try load(inline)
        #expect(loaded.isolationMinimum == .strict)
        #expect(loaded.warnings.count == 6)
    }

    @Test(arguments: fixtureNames) func everyValueOfAFileIsInForce(_ name: String) throws {
        let file = try fixture(name)
        // A variable that holds its own name makes both sides comparable.
        let names = ["DATABASE_URL", "SLACK_BOT_TOKEN", "MONGODB_URI"]
        let variables = Dictionary(uniqueKeysWithValues: names.map { ($0, "${\($0)}") })
        let loaded = try Configuration.resolve([file], environment: ConfigurationEnvironment(variables: variables))
        let document = try #require(try YAMLNode.parse(QuotedText(file.text).text, file: name))
        for (key, value) in document.members ?? [] { #expect(loaded.value(key.name) == value.json) }
    }

    /// The rows that a machine without any extras shows for the whole reference configuration.
    @Test func nothingIsAcceptedInSilence() throws {
        let loaded = try Configuration.resolve(fixtureNames.map(fixture), environment: .empty)
        let rows = loaded.rows
        let features = Set(rows.map(\.setting))
        for section in Schema.sections where section.effect != .active {
            #expect(rows.contains { $0.setting.hasPrefix(section.name) && $0.state == .degraded }, "\(section.name)")
        }
        for (path, entry) in ShowReport(loaded).json.objectValue?.members ?? [] {
            guard entry["in_effect"] == false, !path.hasSuffix(".enabled") else { continue }
            #expect(features.contains { path.hasPrefix($0 + ".") }, "\(path)")
        }
        #expect(features.contains("multi_tenancy.isolation.level: strict"))
        #expect(features.contains("mcpServers.postgres.env.POSTGRES_CONNECTION_STRING"))
        #expect(
            rows.first { $0.setting == "observability.alerting.channels[0]: email" }?.reason
                == "needs an SMTP server: SMTP_URL is not set")
    }

    @Test func aLayerOfAnotherBackendAndSearchByMeaningAreDegraded() throws {
        let rows = try Configuration.resolve([fixture("memory_config.yaml")], environment: .empty).rows
        let degraded = rows.filter { $0.state == .degraded && $0.setting.hasPrefix("memory") }.map(\.setting)
        #expect(degraded.contains("memory.layers.short_term.type: chromadb"))
        #expect(degraded.contains("memory.retrieval.semantic_search: true"))
        #expect(!degraded.contains { $0.contains("medium_term.type") })
    }

    @Test func presentExtrasAreShownAsPresent() throws {
        let environment = ConfigurationEnvironment(
            variables: ["SLACK_BOT_TOKEN": "xoxb-1", "REDIS_URL": "redis://localhost"]) { $0 == "npx" }
        let rows = try Configuration.resolve(fixtureNames.map(fixture), environment: environment).rows
        let present = Set(rows.filter { $0.state == .present }.map(\.setting))
        #expect(
            present == [
                "memory.layers", "memory.sharing", "memory.retrieval",
                "feedback_loops.success_analysis.update_agent_prompts",
                "human_review.feedback_integration.update_agent_prompts",
                "observability.alerting.channels[1]: slack", "human_review.triggers",
                "human_review.workflow.notification_channels", "events.webhooks",
                "events.event_bus.backend: redis", "events.async_processing.queue_backend: redis",
                "mcpServers.21st-magic.command: npx", "mcpServers.postgres.command: npx",
                "mcpServers.slack.command: npx", "mcpServers.slack.env.SLACK_BOT_TOKEN",
                "mcpServers.mongodb.command: npx", "multi_tenancy.isolation",
                "multi_tenancy.isolation.level: strict", "multi_tenancy.resource_limits",
                "multi_tenancy.tenant_config.allow_custom_agents", "security.output_sanitization",
                "security.pii_detection", "security.scanners", "memory.layers", "memory.retrieval", "memory.sharing",
                "feedback_loops.success_analysis.update_agent_prompts",
                "human_review.feedback_integration.update_agent_prompts",
            ])
    }
}

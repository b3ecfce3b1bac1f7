// SPDX-License-Identifier: Apache-2.0
// ActiveSettingsTests: what is declared to be in effect reaches the host through a typed accessor, and nothing else is.

import CorralBase
import CorralConfig
import Testing

@Suite struct ActiveSettingsTests {
    struct Active: CustomTestStringConvertible {
        let path: String
        let text: String
        /// The accessor, as text, so that all fit one table.
        let reads: @Sendable (LoadedConfiguration) -> String
        let standard: String
        let configured: String
        var testDescription: String { path }
    }

    /// One alone changes nothing.
    private static let bothPromptSettings = """
        feedback_loops: {success_analysis: {update_agent_prompts: true}}
        human_review: {feedback_integration: {update_agent_prompts: true}}
        """

    static let table: [Active] = [
        Active(
            path: "host.defaults.timeout", text: "host: {defaults: {timeout: 90s}}", reads: { "\($0.stepTimeout)" },
            standard: "\(Duration.seconds(300))", configured: "\(Duration.seconds(90))"),
        Active(
            path: "host.defaults.mode", text: "host: {defaults: {mode: exit}}", reads: { "\($0.durability)" },
            standard: "sync", configured: "exit"),
        Active(
            path: "host.control.access", text: "host: {control: {access: everyone}}",
            reads: { $0.controlAccess.rawValue }, standard: "owner", configured: "everyone"),
        Active(
            path: "host.control.group", text: "host: {control: {group: staff}}",
            reads: { $0.controlGroup ?? "none" }, standard: "none", configured: "staff"),
        Active(
            path: "host.keys", text: "host: {keys: /k}", reads: { $0.keysFolder ?? "none" }, standard: "none",
            configured: "/k"),
        Active(
            path: "host.equal_calls", text: "host: {equal_calls: 0}", reads: { "\($0.equalCallsMax)" },
            standard: "100", configured: "0"),
        Active(
            path: "prompts.label", text: "prompts: {label: staging}", reads: { $0.promptLabel },
            standard: "production", configured: "staging"),
        Active(
            path: "feedback_loops.success_analysis.update_agent_prompts", text: bothPromptSettings,
            reads: { "\($0.promptsLearn)" }, standard: "false", configured: "true"),
        Active(
            path: "human_review.feedback_integration.update_agent_prompts", text: bothPromptSettings,
            reads: { "\($0.promptsLearn)" }, standard: "false", configured: "true"),
        Active(
            path: "host.workers.max_calls", text: "host: {workers: {max_calls: 3}}",
            reads: { "\($0.workerCallsMax)" }, standard: "\(Limits.workerCallsMax)", configured: "3"),
        Active(
            path: "host.workers.restart_backoff", text: "host: {workers: {restart_backoff: 1m30s}}",
            reads: { "\($0.restartBackoff)" }, standard: "\(Duration.milliseconds(200))",
            configured: "\(Duration.seconds(90))"),
        Active(
            path: "host.workers.restart_backoff_max", text: "host: {workers: {restart_backoff_max: 1m}}",
            reads: { "\($0.restartBackoffMax)" }, standard: "\(Duration.seconds(30))",
            configured: "\(Duration.seconds(60))"),
        Active(
            path: "host.workers.quarantine_crashes", text: "host: {workers: {quarantine_crashes: 10}}",
            reads: { "\($0.quarantineCrashes)" }, standard: "3", configured: "10"),
        Active(
            path: "host.workers.cancel_grace", text: "host: {workers: {cancel_grace: 0s}}",
            reads: { "\($0.cancelGrace)" }, standard: "\(Duration.seconds(2))", configured: "\(Duration.zero)"),
        Active(
            path: "host.workers.drain", text: "host: {workers: {drain: 5s}}", reads: { "\($0.drain)" },
            standard: "\(Duration.seconds(30))", configured: "\(Duration.seconds(5))"),
        Active(
            path: "host.workers.idle", text: "host: {workers: {idle: 1m}}", reads: { "\($0.idle)" },
            standard: "\(Duration.seconds(300))", configured: "\(Duration.seconds(60))"),
        Active(
            path: "host.workers.first_user", text: "host: {workers: {first_user: 300000}}",
            reads: { "\($0.firstUser)" }, standard: "200000", configured: "300000"),
        Active(
            path: "security.enabled", text: "security: {enabled: false}", reads: { "\($0.scanPolicy.isOn)" },
            standard: "true", configured: "false"),
        Active(
            path: "security.required", text: "security: {required: true}", reads: { "\($0.scanPolicy.isRequired)" },
            standard: "false", configured: "true"),
        Active(
            path: "security.scanners", text: "security: {scanners: [a/b]}",
            reads: { "\($0.scanPolicy.scanners?.map(\.text) ?? ["all"])" }, standard: "[\"all\"]",
            configured: "[\"a/b\"]"),
        Active(
            path: "security.default_action", text: "security: {default_action: block}",
            reads: { $0.scanPolicy.otherwise.rawValue }, standard: "flag", configured: "block"),
        Active(
            path: "security.policy[].direction", text: "security: {policy: [{direction: request, action: allow}]}",
            reads: { $0.scanPolicy.rules.first?.direction?.rawValue ?? "none" }, standard: "none",
            configured: "request"),
        Active(
            path: "security.policy[].classes", text: "security: {policy: [{classes: [ssn], action: allow}]}",
            reads: { "\($0.scanPolicy.rules.first?.classes ?? [])" }, standard: "[]", configured: "[\"ssn\"]"),
        Active(
            path: "security.policy[].agents", text: "security: {policy: [{agents: [a/*], action: allow}]}",
            reads: { "\($0.scanPolicy.rules.first?.agents ?? [])" }, standard: "[]", configured: "[\"a/*\"]"),
        Active(
            path: "security.policy[].tenants", text: "security: {policy: [{tenants: [acme], action: allow}]}",
            reads: { "\($0.scanPolicy.rules.first?.tenants ?? [])" }, standard: "[]", configured: "[\"acme\"]"),
        Active(
            path: "security.policy[].min_confidence",
            text: "security: {policy: [{min_confidence: 0.5, action: allow}]}",
            reads: { "\($0.scanPolicy.rules.first?.confidenceMin ?? 0)" }, standard: "0.0", configured: "0.5"),
        Active(
            path: "security.policy[].action", text: "security: {policy: [{action: block}]}",
            reads: { $0.scanPolicy.rules.first?.action.rawValue ?? "none" }, standard: "none", configured: "block"),
        Active(
            path: "security.output_sanitization.enabled", text: "security: {output_sanitization: {}}",
            reads: { $0.scanPolicy.rules.first { $0.direction == .response }?.action.rawValue ?? "none" },
            standard: "none", configured: "redact"),
        Active(
            path: "security.output_sanitization.remove_sensitive_data",
            text: "security: {output_sanitization: {remove_sensitive_data: [api_keys]}}",
            reads: { "\($0.scanPolicy.rules.first { $0.direction == .response }?.classes ?? [])" }, standard: "[]",
            configured: "[\"api_keys\"]"),
        Active(
            path: "security.pii_detection.enabled", text: "security: {pii_detection: {enabled: false}}",
            reads: { $0.scanPolicy.rules.first { $0.classes.contains("ssn") }?.action.rawValue ?? "none" },
            standard: "none", configured: "allow"),
        Active(
            path: "security.pii_detection.redact_in_logs", text: "security: {pii_detection: {redact_in_logs: false}}",
            reads: { "\($0.scanPolicy.readableInCopies.contains("ssn"))" }, standard: "false", configured: "true"),
        Active(
            path: "security.pii_detection.patterns", text: "security: {pii_detection: {patterns: [ssn]}}",
            reads: { "\($0.scanPolicy.rules.first?.classes ?? [])" }, standard: "[]", configured: "[\"ssn\"]"),
        Active(
            path: "grants.*.tools", text: "grants: {a/b: {tools: [\"x/y.z\"]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.tools.map { "\($0)" } ?? "none")" }, standard: "none",
            configured: "[\"x/y.z\"]"),
        Active(
            path: "grants.*.process",
            text: "programs: {cat: {path: /bin/cat}}\ngrants: {a/b: {process: [cat]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.process.map { "\($0)" } ?? "none")" }, standard: "none",
            configured: "[\"cat\"]"),
        Active(
            path: "grants.*.memory", text: "grants: {a/b: {memory: false}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.memory.map { "\($0)" } ?? "none")" }, standard: "none",
            configured: "false"),
        Active(
            path: "grants.*.storage", text: "grants: {a/b: {storage: false}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.storage.map { "\($0)" } ?? "none")" }, standard: "none",
            configured: "false"),
        Active(
            path: "grants.*.secrets", text: "grants: {a/b: {secrets: [KEY]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.secrets.map { "\($0)" } ?? "none")" }, standard: "none",
            configured: "[\"KEY\"]"),
        Active(
            path: "grants.*.connect", text: "grants: {a/b: {connect: [\"r:1\"]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.connect?.map(\.description) ?? [])" }, standard: "[]",
            configured: "[\"r:1\"]"),
        Active(
            path: "grants.*.connect_internal", text: "grants: {a/b: {connect_internal: [\"r:1\"]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.connect?.map(\.isInternal) ?? [])" }, standard: "[]",
            configured: "[true]"),
        Active(
            path: "grants.*.http[].host", text: "grants: {a/b: {http: [{host: x.org}]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.http?.first.map { "\($0.host)" } ?? "none")" },
            standard: "none",
            configured: "x.org"),
        Active(
            path: "grants.*.http[].scheme", text: "grants: {a/b: {http: [{host: x.org, scheme: http}]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.http?.first.map { "\($0.scheme ?? "any")" } ?? "none")" },
            standard: "none",
            configured: "http"),
        Active(
            path: "grants.*.http[].ports", text: "grants: {a/b: {http: [{host: x.org, ports: [8080]}]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.http?.first.map { "\($0.ports ?? [])" } ?? "none")" },
            standard: "none",
            configured: "[8080]"),
        Active(
            path: "grants.*.http[].methods", text: "grants: {a/b: {http: [{host: x.org, methods: [PUT]}]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.http?.first.map { "\($0.methods ?? [])" } ?? "none")" },
            standard: "none",
            configured: "[\"PUT\"]"),
        Active(
            path: "grants.*.http[].internal", text: "grants: {a/b: {http: [{host: x.org, internal: true}]}}",
            reads: { "\($0.grantPolicy.entries["a/b"]?.rule.http?.first.map { "\($0.isInternal)" } ?? "none")" },
            standard: "none",
            configured: "true"),
        Active(
            path: "programs.*.path", text: "programs: {cat: {path: /bin/cat}}",
            reads: { "\($0.programs["cat"].map { "\($0.path)" } ?? "none")" }, standard: "none",
            configured: "/bin/cat"),
        Active(
            path: "programs.*.arguments", text: "programs: {cat: {path: /bin/cat, arguments: [-u]}}",
            reads: { "\($0.programs["cat"].map { "\($0.arguments)" } ?? "none")" }, standard: "none",
            configured: "[\"-u\"]"),
        Active(
            path: "programs.*.read", text: "programs: {cat: {path: /bin/cat, read: [/etc]}}",
            reads: { "\($0.programs["cat"].map { "\($0.readable)" } ?? "none")" }, standard: "none",
            configured: "[\"/etc\"]"),
        Active(
            path: "programs.*.memory_mb", text: "programs: {cat: {path: /bin/cat, memory_mb: 64}}",
            reads: { "\($0.programs["cat"].map { "\($0.memoryBytes)" } ?? "none")" }, standard: "none",
            configured: "67108864"),
        Active(
            path: "programs.*.timeout", text: "programs: {cat: {path: /bin/cat, timeout: 5s}}",
            reads: { "\($0.programs["cat"].map { "\($0.timeout)" } ?? "none")" }, standard: "none",
            configured: "5.0 seconds"),
        Active(
            path: "multi_tenancy.isolation.level", text: "multi_tenancy: {isolation: {level: moderate}}",
            reads: { "\($0.isolationMinimum.map(\.rawValue) ?? "none")" }, standard: "none", configured: "moderate"),
        Active(
            path: "multi_tenancy.tenant_config.allow_custom_agents",
            text: "multi_tenancy: {tenant_config: {allow_custom_agents: true}}",
            reads: { "\($0.allowsCustomAgents)" }, standard: "false", configured: "true"),
        limit(.concurrentAgents, "10", standard: nil, configured: 10),
        limit(.dailyExecutions, "1000", standard: nil, configured: 1_000),
        limit(.storageBytes, "1000", standard: 10_240 << 20, configured: 1_000 << 20),
        limit(.storageFiles, "100", standard: 200_000, configured: 100),
        limit(.logBytesPerMinute, "1", standard: 10_240 << 10, configured: 1_024),
        limit(.logBytesPerDay, "1", standard: 1_024 << 20, configured: 1 << 20),
        limit(.memoryBytes, "100", standard: 2_048 << 20, configured: 100 << 20),
        limit(.processorPercent, "50", standard: nil, configured: 50),
        limit(.processes, "9", standard: 256, configured: 9),
        limit(.openFiles, "64", standard: 512, configured: 64),
        limit(.fileBytes, "1", standard: 64 << 20, configured: 1 << 20),
        limit(.callTime, "1m", standard: nil, configured: 60_000_000_000),
        limit(.callProcessorTime, "90s", standard: 600_000_000_000, configured: 90_000_000_000),
        limit(.payloadBytes, "2", standard: 64 << 20, configured: 2 << 20),
        memory("backend", "backend: a/b", { $0.backend ?? "none" }, "none", "a/b"),
        memory("sharing.cross_agent", "sharing: {cross_agent: true}", { "\($0.isSharedByAgents)" }, "false", "true"),
        memory(
            "sharing.cross_session", "sharing: {cross_session: false}", { "\($0.isSharedBySessions)" }, "true",
            "false"),
        memory(
            "retrieval.relevance_threshold", "retrieval: {relevance_threshold: 0.5}",
            { "\($0.relevanceThreshold)" }, "0.7", "0.5"),
        memory(
            "layers.short_term.retention", "layers: {short_term: {retention: forever}}",
            { "\($0.retention[.shortTerm]?.milliseconds ?? 0)" }, "86400000", "0"),
        memory(
            "layers.medium_term.retention", "layers: {medium_term: {retention: 1h}}",
            { "\($0.retention[.mediumTerm]?.milliseconds ?? 0)" }, "604800000", "3600000"),
        memory(
            "layers.long_term.retention", "layers: {long_term: {retention: current_session}}",
            { "\($0.retention[.longTerm] == .currentSession)" }, "false", "true"),
        layerType("short_term"), layerType("medium_term"), layerType("long_term"),
        Active(
            path: "memory.retrieval.semantic_search", text: "memory: {retrieval: {semantic_search: true}}",
            reads: { "\($0.wantsSemanticSearch)" }, standard: "false", configured: "true"),
        memory("enabled", "enabled: false", { "\($0.isEnabled)" }, "true", "false"),
        Active(
            path: "observability.tracers", text: "observability: {tracers: [a/b]}",
            reads: { "\($0.tracers ?? ["all"])" }, standard: "[\"all\"]", configured: "[\"a/b\"]"),
        Active(
            path: "network.proxy", text: "network: {proxy: \"http://proxy.test:3128\"}", reads: { $0.networkProxy },
            standard: "", configured: "http://proxy.test:3128"),
        Active(
            path: "network.no_proxy", text: "network: {no_proxy: [.corp.test, \"*\"]}",
            reads: { "\($0.networkExceptions)" }, standard: "[]", configured: "[\".corp.test\", \"*\"]"),
        Active(
            path: "network.ca_file", text: "network: {ca_file: /etc/corp.pem}", reads: { $0.certificateFile ?? "none" },
            standard: "none", configured: "/etc/corp.pem"),
        secret("from", { $0.from }, "env:KEY_VARIABLE"), secret("hosts", { "\($0.hosts)" }, "[\"api.example.com\"]"),
        secret("scheme", { $0.scheme }, "header:X-Api-Key"), secret("tenants", { "\($0.tenants ?? [])" }, "[\"acme\"]"),
    ]

    private static func secret(
        _ member: String, _ reads: @escaping @Sendable (SecretSetting) -> String, _ configured: String
    ) -> Active {
        Active(
            path: "secrets.*.\(member)",
            text: "secrets: {KEY: {from: \"env:KEY_VARIABLE\", hosts: [api.example.com], scheme: \"header:X-Api-Key\","
                + " tenants: [acme]}}",
            reads: { $0.secrets.first.map(reads) ?? "none" }, standard: "none", configured: configured)
    }

    private static func memory(
        _ path: String, _ text: String, _ reads: @escaping @Sendable (MemorySettings) -> String, _ standard: String,
        _ configured: String
    ) -> Active {
        Active(
            path: "memory.\(path)", text: "memory: {\(text)}", reads: { reads($0.memorySettings) }, standard: standard,
            configured: configured)
    }

    private static func layerType(_ layer: String) -> Active {
        Active(
            path: "memory.layers.\(layer).type", text: "memory: {layers: {\(layer): {type: redis}}}",
            reads: { $0.memoryFallbacks.first?.type ?? "sqlite" }, standard: "sqlite", configured: "redis")
    }

    private static func limit(_ limit: TenantLimit, _ text: String, standard: Int64?, configured: Int64) -> Active {
        Active(
            path: limit.path, text: "multi_tenancy: {resource_limits: {per_tenant: {\(limit.rawValue): \(text)}}}",
            reads: { $0.tenantLimits[limit].map { "\($0)" } ?? "none" },
            standard: standard.map { "\($0)" } ?? "none", configured: "\(configured)")
    }

    @Test(arguments: table + judging) func settingReachesItsAccessor(_ active: Active) throws {
        #expect(active.reads(try load("")) == active.standard)
        #expect(active.reads(try load(active.text)) == active.configured)
    }

    @Test func onlyTheseSettingsAreInEffect() {
        let declared = Schema.settings.filter(\.effect.isActive).map(\.path.description)
        // The switch, and what holds whatever one writes, have tests of their own below.
        let others = ["enabled"] + ["databases", "memory", "state"].map { "isolation.separate_\($0)" }
        let tested = (Self.table + Self.judging).map(\.path)
        #expect(declared.sorted() == (tested + others.map { "multi_tenancy.\($0)" }).sorted())
    }

    @Test func separationCannotBeSwitchedOffAndSaysSo() throws {
        let text = "multi_tenancy: {isolation: {separate_databases: true, separate_state: false}}"
        let rows = try load(text).rows.filter { $0.setting.contains("separate") }
        #expect(rows.map(\.setting) == ["multi_tenancy.isolation.separate_state: false"])
        #expect(rows[0].state == .degraded && rows[0].reason.contains("cannot be switched off"))
    }

    @Test func aSwitchedOffSectionLimitsNothing() throws {
        let text = "multi_tenancy: {enabled: false, tenant_config: {allow_custom_agents: true}}"
        #expect(try load(text).tenantLimits == TenantLimits() && !load(text).allowsCustomAgents)
    }

    @Test func everySettingSaysItsEffect() {
        #expect(Schema.settings.count > 100)
        for setting in Schema.settings {
            #expect(setting.effect != .inert("undeclared"), "\(setting.path)")
            #expect(setting.field.help.hasSuffix("."), "\(setting.path)")
        }
    }

    @Test func everyDefaultFitsItsOwnType() throws {
        for setting in Schema.settings {
            guard let standard = setting.field.standard, !setting.path.description.contains("*"),
                !setting.path.description.contains("[")
            else { continue }
            let nested = setting.path.description.split(separator: ".").reversed()
                .reduce(standard.text()) { "{\"\($1)\": \($0)}" }
            #expect(mistakes(nested) == [], "\(setting.path)")
        }
    }

    @Test func isolationOfASwitchedOffSectionIsNotAsked() throws {
        #expect(try load("multi_tenancy: {enabled: false, isolation: {level: strict}}").isolationMinimum == nil)
    }

    @Test func valueOfAVariableIsInForce() throws {
        let environment = ConfigurationEnvironment(variables: ["CALLS": "4", "MODE": "async"])
        let loaded = try load(
            "host: {workers: {max_calls: \"${CALLS}\"}, defaults: {mode: '${env:MODE}'}}", environment)
        #expect(loaded.workerCallsMax == 4)
        #expect(loaded.durability == .async)
    }

    @Test func secretsNeedASourceAndHosts() throws {
        #expect(mistakes("secrets: {KEY: {hosts: [a.test]}}").count == 1)
        #expect(mistakes("secrets: {KEY: {from: \"env:KEY\"}}").count == 1)
        for wrong in [
            "from: KEY", "from: \"file:relative\"", "from: \"env:1\"", "scheme: cookie", "scheme: \"header:\"",
            "hosts: [\"*\"]", "hosts: [\"https://a.test\"]", "hosts: [\"*.test\"]",
        ] {
            #expect(!mistakes("secrets: {KEY: {\(wrong)}}").isEmpty, "\(wrong)")
        }
    }

    @Test func secretsAreCheckedWithoutBeingShown() throws {
        let environment = ConfigurationEnvironment(variables: ["SET": "s3cr3t-value"])
        let text = """
            secrets:
              HAS: {from: "env:SET", hosts: [a.test]}
              HAS_NOT: {from: "env:UNSET", hosts: [a.test]}
              OPEN: {from: "file:/etc/passwd", hosts: [a.test]}
            """
        let rows = try load(text, environment).rows.filter {
            $0.setting.hasPrefix("secrets.") && $0.setting != "secrets."
        }
        let states = Dictionary(rows.map { ($0.setting, $0) }) { first, second in
            first.state == .degraded ? first : second
        }
        #expect(states["secrets.HAS"]?.state == .present)
        #expect(states["secrets.HAS_NOT"]?.state == .degraded)
        #expect(states["secrets.OPEN"]?.fix == "chmod 600 /etc/passwd")
        #expect(!rows.contains { "\($0)".contains("s3cr3t-value") })
    }

    @Test func originSaysWhereAValueIsFrom() throws {
        let loaded = try load("host:\n  workers:\n    max_calls: 3\n")
        let place = SourceLocation(file: "corral.yaml", line: 3, column: 16)
        #expect(loaded.origin("host.workers.max_calls") == .file(place))
        #expect(loaded.origin("host.workers.cancel_grace") == .standard)
        #expect(loaded.origin("memory.layers.long_term.storage") == nil)
        #expect(loaded.origin("no.such.setting") == nil)
    }

    @Test(arguments: [
        "feedback_loops: {success_analysis: {update_agent_prompts: true}}",
        "human_review: {feedback_integration: {update_agent_prompts: true}}",
        """
        feedback_loops: {enabled: false, success_analysis: {update_agent_prompts: true}}
        human_review: {feedback_integration: {update_agent_prompts: true}}
        """,
    ])
    func oneOfTheTwoSettingsAloneChangesNoPrompt(_ text: String) throws {
        #expect(try load(text).promptsLearn == false)
    }
}

// SPDX-License-Identifier: Apache-2.0
// OverlayTests: a tenant's own file stays within the operator's bounds, and is changed whole or not at all.

import CorralBase
import CorralConfig
import Foundation
import Testing

@Suite struct OverlayTests {
    struct Overlay: CustomTestStringConvertible {
        let base: String
        let overlay: String
        /// Nil when it is allowed; else the message's beginning.
        let refusal: String?
        var testDescription: String { overlay }

        init(_ base: String, _ overlay: String, _ refusal: String?) {
            self.base = base
            self.overlay = overlay
            self.refusal = refusal
        }
    }

    private static func limits(_ text: String) -> String {
        "multi_tenancy: {resource_limits: {per_tenant: {\(text)}}}"
    }

    static let table: [Overlay] = [
        Overlay(limits("max_storage_mb: 100"), limits("max_storage_mb: 100"), nil),
        Overlay(
            limits("max_storage_mb: 100"), limits("max_storage_mb: 101"),
            "multi_tenancy.resource_limits.per_tenant.max_storage_mb: 101 is more than the 100 of corral.yaml:1"),
        Overlay("", limits("max_daily_executions: 5"), nil),
        Overlay(
            "", limits("max_open_files: 513"),
            "multi_tenancy.resource_limits.per_tenant.max_open_files: 513 is more than the 512 that is the default"),
        Overlay(limits("max_call_time: 1h"), limits("max_call_time: 59m"), nil),
        Overlay(
            limits("max_call_time: 1h"), limits("max_call_time: 61m"),
            "multi_tenancy.resource_limits.per_tenant.max_call_time: 61m is more than the 1h of corral.yaml:1"),
        Overlay(
            limits("max_cost_per_day: 10.00"), limits("max_cost_per_day: $10.01"),
            "multi_tenancy.resource_limits.per_tenant.max_cost_per_day: 10.01 is more than the 10.0 of corral.yaml:1"),
        Overlay("", "multi_tenancy: {tenant_config: {allow_custom_agents: false}}", nil),
        Overlay(
            "", "multi_tenancy: {tenant_config: {allow_custom_agents: true}}",
            "multi_tenancy.tenant_config.allow_custom_agents: true is more than the false that is the default"),
        Overlay(
            "multi_tenancy: {tenant_config: {allow_custom_agents: true}}",
            "multi_tenancy: {tenant_config: {allow_custom_agents: true}}", nil),
        Overlay(
            "", "multi_tenancy: {enabled: false}",
            "multi_tenancy.enabled is the operator's and cannot be set for one tenant"),
        Overlay(
            "", "multi_tenancy: {isolation: {separate_state: false}}",
            "multi_tenancy.isolation.separate_state is the operator's and cannot be set for one tenant"),
        Overlay(
            "", "multi_tenancy: {identification: {method: jwt}}",
            "multi_tenancy.identification.method is the operator's and cannot be set for one tenant"),
        Overlay(
            "", "mcpServers: {a: {command: sh}}",
            "section \"mcpServers\" is about all tenants and cannot be set for one"),
        Overlay("", "memory: {sharing: {cross_agent: true}}", nil),
    ]

    @Test(arguments: table) func staysWithinTheOperatorsBounds(_ case: Overlay) throws {
        let base = `case`.base.isEmpty ? [] : [ConfigurationFile(path: "corral.yaml", text: `case`.base)]
        let overlay = ConfigurationFile(path: "tenants/acme/corral.yaml", text: `case`.overlay)
        do throws(DiagnosticsError) {
            _ = try Configuration.resolve(base, overlays: [overlay], environment: .empty)
            #expect(`case`.refusal == nil)
        } catch {
            #expect(error.diagnostics.map(\.message) == [`case`.refusal])
            #expect(error.diagnostics.allSatisfy { $0.code == .configOverlayRefused })
        }
    }

    @Test func aSectionNobodyOpenedIsTheOperatorsAlone() {
        let open = Set(Schema.settings.filter { $0.tenantRule != .never }.map { "\($0.path.components[0])" })
        #expect(open.count == 12)
    }

    // MARK: Changes

    private func change(_ folder: URL, _ change: OverlayChange) throws -> LoadedConfiguration {
        try Configuration.change(
            change, directory: folder.path(), file: folder.appending(path: "acme.yaml").path(), environment: .empty)
    }

    private func text(_ folder: URL) throws -> String {
        try String(contentsOf: folder.appending(path: "acme.yaml"), encoding: .utf8)
    }

    @Test func writesWhatIsSetAndForgetsWhatIsUnset() throws {
        try withFolder { folder in
            let loaded = try change(
                folder,
                OverlayChange(set: [
                    ("max_storage_mb", "100"), ("multi_tenancy.isolation.level", "strict"),
                    ("memory.retrieval.relevance_threshold", "0.5"),
                    ("security.input_validation.checks", "[path_traversal_patterns]"),
                ]))
            #expect(loaded.tenantLimits[.storageBytes] == 100 << 20 && loaded.isolationMinimum == .strict)
            #expect(loaded.tenantLimits.origins[.storageBytes] == "acme.yaml:5:23")
            let body = try text(folder).split(separator: "\n").dropFirst().joined(separator: "\n")
            #expect(
                body == """
                    multi_tenancy:
                      resource_limits:
                        per_tenant:
                          max_storage_mb: 100
                      isolation:
                        level: strict
                    memory:
                      retrieval:
                        relevance_threshold: 0.5
                    security:
                      input_validation:
                        checks: ["path_traversal_patterns"]
                    """)
            _ = try change(folder, OverlayChange(unset: ["max_storage_mb", "memory.retrieval.relevance_threshold"]))
            #expect(try !text(folder).contains("max_storage_mb") && !text(folder).contains("memory"))
            #expect(try text(folder).contains("level: strict"))
        }
    }

    @Test func reportsEveryMistakeAndWritesNothing() throws {
        try withFolder { folder in
            try "host: {workers: {max_cals: 1}}\n".write(
                to: folder.appending(path: "corral.yaml"), atomically: true, encoding: .utf8)
            let wrong = OverlayChange(set: [
                ("max_storage_mb", "lots"), ("host.defaults.timeout", "1m"), ("max_storge_mb", "1"),
                ("multi_tenancy.isolation.level", "strict"), ("max_memory_mb", "99999"),
            ])
            let error = #expect(throws: DiagnosticsError.self) { try change(folder, wrong) }
            let codes = error?.diagnostics.map(\.code) ?? []
            #expect(codes.count == 5, "\(error?.description ?? "")")
            #expect(error?.description.contains("did you mean \"max_storage_mb\"?") == true)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "acme.yaml").path()))
        }
    }

    @Test func doesNotFollowALinkInTheFilesPlace() throws {
        try withFolder { folder in
            let victim = folder.appending(path: "victim.yaml")
            try "memory: {}\n".write(to: victim, atomically: true, encoding: .utf8)
            symlink(victim.path(), folder.appending(path: "acme.yaml").path())
            #expect(throws: DiagnosticsError.self) {
                try change(folder, OverlayChange(set: [("max_storage_mb", "1")]))
            }
            #expect(try String(contentsOf: victim, encoding: .utf8) == "memory: {}\n")
        }
    }

    @Test func unsettingWhatIsNotSetNamesTheFile() throws {
        try withFolder { folder in
            let error = #expect(throws: CorralError.self) {
                try change(folder, OverlayChange(unset: ["max_storage_mb"]))
            }
            #expect(error?.code == .configNoSuchSetting && error?.message.contains("acme.yaml") == true)
        }
    }
}

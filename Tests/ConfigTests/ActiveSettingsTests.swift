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

    static let table: [Active] = [
        Active(
            path: "host.defaults.timeout", text: "host: {defaults: {timeout: 90s}}", reads: { "\($0.stepTimeout)" },
            standard: "\(Duration.seconds(300))", configured: "\(Duration.seconds(90))"),
        Active(
            path: "host.defaults.mode", text: "host: {defaults: {mode: exit}}", reads: { "\($0.durability)" },
            standard: "sync", configured: "exit"),
        Active(
            path: "host.workers.max_calls", text: "host: {workers: {max_calls: 3}}",
            reads: { "\($0.workerCallsMax)" }, standard: "\(Limits.workerCallsMax)", configured: "3"),
        Active(
            path: "host.workers.restart_backoff", text: "host: {workers: {restart_backoff: 1m30s}}",
            reads: { "\($0.restartBackoff)" }, standard: "\(Duration.milliseconds(200))",
            configured: "\(Duration.seconds(90))"),
        Active(
            path: "host.workers.cancel_grace", text: "host: {workers: {cancel_grace: 0s}}",
            reads: { "\($0.cancelGrace)" }, standard: "\(Duration.seconds(2))", configured: "\(Duration.zero)"),
        Active(
            path: "multi_tenancy.isolation.level", text: "multi_tenancy: {isolation: {level: moderate}}",
            reads: { "\($0.isolationMinimum.map(\.rawValue) ?? "none")" }, standard: "none", configured: "moderate"),
    ]

    @Test(arguments: table) func settingReachesItsAccessor(_ active: Active) throws {
        #expect(active.reads(try load("")) == active.standard)
        #expect(active.reads(try load(active.text)) == active.configured)
    }

    @Test func onlyTheseSettingsAreInEffect() {
        let declared = Schema.settings.filter(\.effect.isActive).map(\.path.description)
        // The switch has a test of its own below.
        #expect(declared.sorted() == (Self.table.map(\.path) + ["multi_tenancy.enabled"]).sorted())
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

    @Test func originSaysWhereAValueIsFrom() throws {
        let loaded = try load("host:\n  workers:\n    max_calls: 3\n")
        let place = SourceLocation(file: "corral.yaml", line: 3, column: 16)
        #expect(loaded.origin("host.workers.max_calls") == .file(place))
        #expect(loaded.origin("host.workers.cancel_grace") == .standard)
        #expect(loaded.origin("memory.layers.long_term.storage") == nil)
        #expect(loaded.origin("no.such.setting") == nil)
    }
}

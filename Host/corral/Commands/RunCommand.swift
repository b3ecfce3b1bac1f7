// SPDX-License-Identifier: Apache-2.0
// RunCommand: `corral run FLOW|AGENT`.

import ArgumentParser
import CorralBase
import CorralControl
import CorralFlow
import CorralHome

package struct RunCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a flow or a single agent, and wait for its result.",
        discussion: examples(
            "corral run market-review", "corral run market-review --input prices=my.csv --input symbol=ACME",
            "corral run ./flows/nightly.yaml --tenant acme --label reason=test --detach",
            "corral run acme/greeter --input name=Ada --json"))

    @Argument(help: "A flow's name or file, or an agent's id (publisher/name).")
    var target: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "An input: a value, or @file for a file's content. Give it several times.", valueName: "name=value"))
    var input: [String] = []

    @OptionGroup var tenantOptions: TenantOptions

    @Option(help: ArgumentHelp("On whose behalf.", valueName: "user"))
    var user: String?

    @Option(help: ArgumentHelp("What the run is for, as cost and limits count it.", valueName: "feature"))
    var feature: String?

    @Option(help: ArgumentHelp("The session the run belongs to.", valueName: "session"))
    var session: String?

    @Option(help: ArgumentHelp("What kind of work it is, for example review or research.", valueName: "type"))
    var taskType: String?

    @Option(help: ArgumentHelp("How hard the work is, for example low, medium or high.", valueName: "complexity"))
    var complexity: String?

    @Option(help: ArgumentHelp("A label of the run. Give it several times.", valueName: "key=value"))
    var label: [String] = []

    @Option(help: ArgumentHelp("How durable: sync, async or exit. The flow decides otherwise.", valueName: "mode"))
    var mode: String?

    @Option(help: ArgumentHelp("Start the run once for this key, however often it is asked for.", valueName: "key"))
    var idempotencyKey: String?

    @Flag(help: "Start the run and leave; print its id.")
    var detach = false

    @Option(help: ArgumentHelp("Where files of the result go: ./out/RUN otherwise.", valueName: "dir"))
    var output: String?

    @OptionGroup var homeOptions: HomeOptions
    @OptionGroup var jsonOption: JSONOption

    package init() {}

    package func run() throws {
        let home = try homeOptions.resolve()
        let terminal = Terminal.current()
        let (target, inputs) = try targetAndInputs(home, terminal)
        defer { inputs.close() }
        let request = try startRequest(target, inputs)
        let client = try HostConnection.open(home)
        var follower = RunFollower(
            client: client, home: home, tenant: request.tenant, terminal: terminal, isSilent: jsonOption.json)
        let outcome = try follower.follow(.startRun(request), descriptors: inputs.descriptors)
        let ending = RunEnding(
            client: client, home: home, tenant: request.tenant, terminal: terminal, folder: output,
            isJSON: jsonOption.json)
        try ending.report(outcome)
    }

    private func targetAndInputs(_ home: Home, _ terminal: Terminal) throws -> (RunTarget, RunInputs) {
        switch try TargetResolver(home: home, installation: try? Installation.current()).resolve(target) {
        case .agent(let id): return (.agent(id), try RunInputs.forAgent(input))
        case .flow(let path):
            let text = try InputFile.read(path)
            let (definition, diagnostics) = FlowDefinition.check(text, file: path, catalogue: nil)
            guard let definition else { throw DiagnosticsError(diagnostics) }
            if !diagnostics.isEmpty { terminal.say(DiagnosticsError(diagnostics).description) }
            return (.flow(file: path, text: text), try RunInputs.forFlow(definition, input))
        }
    }

    private func startRequest(_ target: RunTarget, _ inputs: RunInputs) throws -> StartRunRequest {
        if let mode, Durability(rawValue: mode) == nil {
            let known = Durability.allCases.map(\.rawValue)
            throw CorralError.usage(
                "there is no mode \"\(mode)\"",
                hint: didYouMean(mode, among: known) ?? "modes are \(known.joined(separator: ", "))")
        }
        var labels: [String: String] = [:]
        for text in label {
            let (key, value) = try keyValue(text, option: "--label")
            labels[key] = value
        }
        return StartRunRequest(
            tenant: try tenantOptions.resolve(), target: target, inputs: inputs.values, user: user, feature: feature,
            session: session, taskType: taskType, complexity: complexity, labels: labels, mode: mode, follows: !detach,
            idempotencyKey: idempotencyKey)
    }
}

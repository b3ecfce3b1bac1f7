// SPDX-License-Identifier: Apache-2.0

import CorralSDK

/// The agent that the tests drive: what it does is a member of its input.
struct Probe: Agent, ToolPlugin {
    static let card = AgentCard(
        "acme/probe", version: "1.2.3", role: "Does what it is told", tools: ["acme/math.*"])

    enum Act: String, Codable, CaseIterable {
        case answer, metadata, stream, report, refuse, throwCase, throwText, nan, overconfident, read, attach
        case attachTwice, attachPath, waitForCancel, countToCancel, useTool, failTool, denyTool, busyTool, flood, leak
        case deadline, large
    }

    struct Bars: Codable {
        var close: [Double]
        var note: String?
    }

    enum Side: String, Codable, CaseIterable { case buy, sell }

    struct Row: Codable {
        var side: Side
        var day: Int
    }

    struct Input: Codable {
        var act: Act
        var bars: Bars?
        var rows: [Row]?
        var file: Artifact?
    }

    struct Output: Codable {
        var text = ""
        var number: Double?
        var file: Artifact?
    }

    enum Oops: Error { case empty }

    struct Trouble: Error, CustomStringConvertible {
        var description: String { "ran out of \"paper\"" }
    }

    struct Doubled: Codable { var value: Int }

    func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<Output> {
        switch input.act {
        case .answer:
            return AgentResult(
                Output(text: "done", number: 0.5), confidence: 0.75,
                changes: [Change("database_schema_changes", target: "orders")])
        case .metadata:
            let all = [context.user, context.feature, context.session, context.taskType, context.complexity]
            let words = (all + [context.idempotencyKey]).map { $0 ?? "nil" }
            return AgentResult(Output(text: (words + ["\(context.depth)"]).joined(separator: " ")))
        case .stream:
            for piece in ["one ", "two ", "three"] { try await context.partial(piece) }
        case .report:
            context.progress(0.5, "half")
            context.progress(nil)
            context.progress(7, "too far")
            context.log("plain")
            context.log(.warning, "careful")
        case .refuse: throw AgentError("too_hot", "It is 41 °C.", retryable: true, details: ["celsius": 41])
        case .throwCase: throw Oops.empty
        case .throwText: throw Trouble()
        case .nan: return AgentResult(Output(number: .nan))
        case .overconfident: return AgentResult(Output(), confidence: 1.5)
        default: return try await runWithFilesToolsAndTime(input, context)
        }
        return AgentResult(Output())
    }

    private func runWithFilesToolsAndTime(_ input: Input, _ context: AgentContext) async throws -> AgentResult<Output> {
        switch input.act {
        case .read: return try read(input, context)
        case .attach:
            let file = try await context.attach(name: "report.html", mediaType: "text/html", text: "<p>")
            return AgentResult(Output(file: file))
        case .attachTwice:
            for _ in 1...2 { _ = try await context.attach(name: "a", mediaType: "text/plain", text: "x") }
        case .attachPath: _ = try await context.attach(name: "a/b", mediaType: "text/plain", text: "x")
        case .waitForCancel:
            context.progress(nil, "waiting")
            try await Task.sleep(for: .seconds(3600))
        case .countToCancel:
            context.progress(nil, "counting")
            while !context.isCancelled { await Task.yield() }
            try context.checkCancellation()
        case .useTool: return AgentResult(Output(number: Double(try await tool("double", context))))
        case .failTool: _ = try await tool("fail", context)
        case .busyTool: _ = try await tool("busy", context)
        case .denyTool: let _: Doubled = try await context.tool("other/tool.x", ["value": 4])
        case .flood: try await context.partial(String(repeating: "x", count: 100_000))
        case .large: return AgentResult(Output(text: String(repeating: "y", count: 200_000)))
        case .deadline: return AgentResult(Output(number: context.timeRemaining.map { $0 / .seconds(1) }))
        case .leak: LeakedContext.hold(context)
        default: break
        }
        return AgentResult(Output())
    }

    private func read(_ input: Input, _ context: AgentContext) throws -> AgentResult<Output> {
        guard let file = input.file else { throw Oops.empty }
        let text = String(decoding: try context.bytes(of: file), as: UTF8.self)
        let about = [file.name, file.byteCount.map { "\($0)" }, file.mediaType].compactMap(\.self)
        let size = try context.withBytes(of: file) { Double($0.count) }
        return AgentResult(Output(text: ([text] + about).joined(separator: " "), number: size))
    }

    private func tool(_ name: String, _ context: AgentContext) async throws -> Int {
        try await context.tool("acme/math.\(name)", ["value": 4], as: Doubled.self).value
    }

    struct Series: Codable { var values: [Double] }
    struct Mean: Codable { var mean: Double }

    var tools: [Tool] {
        Tool("mean", "Average of a series") { (series: Series, _) in
            guard !series.values.isEmpty else { throw AgentError("empty", "no values to average") }
            return Mean(mean: series.values.reduce(0, +) / Double(series.values.count))
        }
        Tool("echo", "The same again") { (value: JSON, _) in value }
    }
}

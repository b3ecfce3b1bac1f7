// SPDX-License-Identifier: Apache-2.0

/// A named function with JSON arguments that agents and people call through the host.
///
/// ```swift
/// Tool("mean", "Average of a series") { (series: Series, context) in
///     Mean(value: series.values.reduce(0, +) / Double(series.values.count))
/// }
/// ```
public struct Tool: Sendable {
    let name: String
    let help: String
    let input: DerivedSchema
    let output: DerivedSchema
    let work: CallWork

    /// - Parameters:
    ///   - name: `[a-z][a-z0-9_]{0,63}`; others call it as `publisher/name.tool`.
    ///   - help: one line that tells a person or a model when to use it.
    ///   - body: the function. Errors count as with ``Agent/run(_:_:)``.
    public init<Arguments: Codable & SendableMetatype, Answer: Codable & SendableMetatype>(
        _ name: String, _ help: String,
        _ body: @escaping @Sendable (Arguments, ToolContext) async throws -> Answer
    ) {
        self.name = name
        self.help = help
        input = DerivedSchema(of: Arguments.self, named: "arguments")
        output = DerivedSchema(of: Answer.self, named: "result")
        work = { request, context in
            let arguments = try request.decode(Arguments.self, as: "arguments")
            let answer = try await body(arguments, context)
            return CallOutcome(json: try JSONWriter.bytes(of: answer, named: "result"))
        }
    }
}

/// A plugin that provides tools, and none or one agent beside them.
public protocol ToolPlugin: Sendable {
    static var card: PluginCard { get }

    init()

    /// The same tools in the same order whenever it is asked.
    @ToolListBuilder var tools: [Tool] { get }
}

/// Lets the tools of a plugin stand below each other without commas.
@resultBuilder
public enum ToolListBuilder {
    public static func buildExpression(_ tool: Tool) -> [Tool] { [tool] }
    public static func buildExpression(_ tools: [Tool]) -> [Tool] { tools }
    public static func buildBlock(_ lists: [Tool]...) -> [Tool] { lists.flatMap(\.self) }
    public static func buildArray(_ lists: [[Tool]]) -> [Tool] { lists.flatMap(\.self) }
}

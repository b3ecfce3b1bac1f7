// SPDX-License-Identifier: Apache-2.0
// FlowStep: one step of a flow as the state machine needs it: names resolved, expressions parsed, times in nanoseconds.

import CorralBase
import CorralExpression

/// A tool of a plugin, `publisher/name.tool`.
package struct ToolID: Hashable, Sendable, CustomStringConvertible {
    package let plugin: PluginID
    package let tool: String

    package init(plugin: PluginID, tool: String) {
        self.plugin = plugin
        self.tool = tool
    }

    /// Splits at the last dot, because a plugin's name may contain dots and a tool's may not.
    /// - Throws: `identifier_invalid`.
    package init(_ text: String) throws {
        guard let dot = text.lastIndex(of: "."), dot > (text.firstIndex(of: "/") ?? text.endIndex),
            text.index(after: dot) < text.endIndex
        else {
            throw CorralError.invalidIdentifier("tool", text, "publisher/name.tool, for example \"corral/libm.pow\"")
        }
        plugin = try PluginID(String(text[..<dot]))
        tool = String(text[text.index(after: dot)...])
    }

    package var description: String { "\(plugin).\(tool)" }
}

/// What a step calls.
package enum FlowTarget: Hashable, Sendable {
    case agent(PluginID)
    case tool(ToolID)

    package var plugin: PluginID {
        switch self {
        case .agent(let id): id
        case .tool(let id): id.plugin
        }
    }
}

extension FlowTarget: CustomStringConvertible {
    package var description: String {
        switch self {
        case .agent(let id): id.text
        case .tool(let id): id.description
        }
    }
}

/// `for_each`: the step runs once for each element of a list.
package struct ForEach: Sendable {
    package let list: Binding
    /// The name of the element in the step's expressions, `item` unless `as` says otherwise.
    package let itemName: String
    /// How many items run at once; nil for all.
    package let parallelMax: Int?
}

/// A condition and where it stands.
package struct Condition: Sendable {
    package let expression: Expression
    /// Scalars before the expression in its text: two when it is written as `${…}`.
    let offset: Int
    let place: TextPlace
}

package struct FlowStep: Sendable {
    package let name: String
    package let location: SourceLocation
    package let target: FlowTarget
    /// Positions of the steps it waits for, in the order they are written.
    package let after: [Int]
    /// What the step receives; nil for the default.
    package let with: Binding?
    package let when: Condition?
    package let forEach: ForEach?
    package let timeoutNanoseconds: Int64?
    package let retry: RetryPolicy
    /// Steps whose values its expressions read.
    let reads: [Int]
    /// Steps whose metadata (`steps.name`) its expressions read.
    let metadataReads: [Int]
}

/// What to do after a plugin's own failure or a timeout. The default is no retry.
package struct RetryPolicy: Hashable, Sendable {
    /// Retries after the first attempt.
    package var max = 0
    package var backoffNanoseconds: Int64 = 1_000_000_000
    package var factor = 2.0
    package var backoffMaxNanoseconds: Int64 = 60_000_000_000
    /// The part of the delay, 0–1, that chance may take off, so that many items do not retry at one moment.
    package var jitter = 0.2
    /// Error names (`plugin_crashed`) or codes (`CRL-0312`) that are retried; nil for every failure.
    package var on: Set<String>?

    func allows(_ error: CorralError) -> Bool {
        guard let on else { return true }
        return on.contains(error.code.name) || on.contains(error.code.text)
    }

    /// The delay before retry `number` (from 1): backoff × factor^(number−1), bounded, less up to `jitter` of it.
    func delayNanoseconds(retry number: Int, chance: inout SeededGenerator) -> Int64 {
        var delay = Double(backoffNanoseconds)
        for _ in 1..<Swift.max(1, number) where delay < Double(backoffMaxNanoseconds) { delay *= factor }
        delay = Swift.min(delay, Double(backoffMaxNanoseconds))
        delay *= 1 - jitter * Double.random(in: 0..<1, using: &chance)
        return Int64(exactly: Swift.max(0, delay).rounded()) ?? backoffMaxNanoseconds
    }
}

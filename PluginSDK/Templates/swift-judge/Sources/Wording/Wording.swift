// SPDX-License-Identifier: Apache-2.0

import CorralSDK

/// Judges whether a text says what it must and leaves out what it must not.
public struct Wording: Judge {
    public static let card: PluginCard = {
        var card = PluginCard("acme/wording", version: "1.0.0", summary: "Judges the words of an answer")
        card.config = [
            ConfigField("required", .list, default: [], help: "Words that an answer must have"),
            ConfigField("forbidden", .list, default: ["guaranteed"], help: "Words that it must not have"),
        ]
        return card
    }()
    public static let criteria = [
        JudgeCriterion("required_words", help: "the share of the required words that are there"),
        JudgeCriterion("forbidden_words", help: "10 without any, 1 with one"),
    ]

    struct Rules: Decodable {
        var required: [String]?
        var forbidden: [String]?
    }

    private let rules: Rules

    public init(_ activation: Activation) throws {
        rules = try activation.configuration(as: Rules.self)
    }

    public func judge(_ request: JudgeRequest, _ context: PluginContext) async throws -> [JudgeScore] {
        let text = Self.texts(in: request.output).joined(separator: "\n").lowercased()
        guard !text.isEmpty else {
            return Self.criteria.map { JudgeScore($0.name, score: nil, explanation: "There is no text to judge.") }
        }
        return [required(text), forbidden(text)]
    }

    private func required(_ text: String) -> JudgeScore {
        let words = rules.required ?? []
        guard !words.isEmpty else {
            return JudgeScore("required_words", score: nil, explanation: "The configuration requires no words.")
        }
        let missing = words.filter { !text.contains($0.lowercased()) }
        let share = Double(words.count - missing.count) / Double(words.count)
        let what = missing.isEmpty ? "All required words are there." : "Missing: \(missing.joined(separator: ", "))."
        return JudgeScore("required_words", score: 1 + 9 * share, explanation: what)
    }

    private func forbidden(_ text: String) -> JudgeScore {
        let found = (rules.forbidden ?? []).filter { text.contains($0.lowercased()) }
        let what = found.isEmpty ? "No forbidden word is there." : "It says: \(found.joined(separator: ", "))."
        return JudgeScore("forbidden_words", score: found.isEmpty ? 10 : 1, explanation: what)
    }

    /// Every text in a value, in no particular order of members. By a list of what is left, so that no depth is too deep.
    private static func texts(in value: JSON) -> [String] {
        var texts: [String] = []
        var left = [value]
        while let next = left.popLast() {
            switch next {
            case .text(let text): texts.append(text)
            case .array(let elements): left += elements
            case .object(let members): left += members.values
            default: break
            }
        }
        return texts
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Gives scores to what an agent made of its input, after the fact (judge.h).
public protocol Judge: InfrastructurePlugin {
    /// What it can judge by, for the manifest.
    static var criteria: [JudgeCriterion] { get }

    /// One score for each criterion.
    func judge(_ request: JudgeRequest, _ context: PluginContext) async throws -> [JudgeScore]
}

extension Judge {
    public static var criteria: [JudgeCriterion] { [] }
}

public struct JudgeCriterion: Codable, Sendable, Hashable {
    /// `[a-z][a-z0-9_]{0,63}`.
    public var name: String
    public var help: String

    public init(_ name: String, help: String = "") {
        self.name = name
        self.help = help
    }
}

public struct JudgeRequest: Codable, Sendable {
    public var nowMilliseconds: Int64
    public var agent: String
    public var flow: String
    public var step: String
    public var run: String
    public var input: JSON
    public var output: JSON
    /// What the operator wrote for this agent; nil: the judge's configuration counts.
    public var criteria: JSON?

    enum CodingKeys: String, CodingKey {
        case agent, flow, step, run, input, output, criteria
        case nowMilliseconds = "now_ms"
    }
}

public struct JudgeScore: Codable, Sendable, Hashable {
    public var criterion: String
    /// From 1 (useless) to 10 (as good as it gets); nil when the judge abstains.
    public var score: Double?
    /// One or two sentences for people; why, when it abstains.
    public var explanation: String

    public init(_ criterion: String, score: Double?, explanation: String) {
        self.criterion = criterion
        self.score = score
        self.explanation = explanation
    }

    enum CodingKeys: String, CodingKey { case criterion, score, explanation }

    /// An abstention is stated, not left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(criterion, forKey: .criterion)
        try container.encode(score, forKey: .score)
        try container.encode(explanation, forKey: .explanation)
    }
}

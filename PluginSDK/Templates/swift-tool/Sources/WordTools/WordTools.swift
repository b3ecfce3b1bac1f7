// SPDX-License-Identifier: Apache-2.0

import CorralSDK

public struct WordTools: ToolPlugin {
    public static let card = PluginCard("acme/word-tools", version: "1.0.0", summary: "Counts and finds words")

    public struct Text: Codable {
        var text: String
    }

    public struct Counts: Codable {
        var words: Int
        var characters: Int
    }

    public struct Longest: Codable {
        var word: String
    }

    public init() {}

    public var tools: [Tool] {
        Tool("count", "How many words and characters a text has") { (input: Text, _) in
            Counts(words: Self.words(input.text).count, characters: input.text.count)
        }
        Tool("longest", "The longest word of a text") { (input: Text, _) in
            guard let word = Self.words(input.text).max(by: { $0.count < $1.count }) else {
                throw AgentError("no_words", "the text has no words")
            }
            return Longest(word: String(word))
        }
    }

    private static func words(_ text: String) -> [Substring] {
        text.split { !$0.isLetter && !$0.isNumber }
    }
}

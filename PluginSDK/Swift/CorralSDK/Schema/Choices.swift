// SPDX-License-Identifier: Apache-2.0

/// The cases of an enum with raw values that lists them: for its schema, and for the one who wrote another value.
struct Choices {
    let schema: JSONSchema
    let first: Any
    /// The raw values as JSON, separated by commas.
    let words: String

    /// Nil when the type is no such enum.
    static func of<Value>(_ type: Value.Type) -> Choices? {
        guard let type = type as? any (CaseIterable & RawRepresentable).Type else { return nil }
        return Choices(cases: type)
    }

    private init?<Choice: CaseIterable & RawRepresentable>(cases type: Choice.Type) {
        guard let first = type.allCases.first else { return nil }
        self.first = first
        let raw = type.allCases.map(\.rawValue)
        if let texts = raw as? [String] {
            schema = .textChoice(texts)
            words = texts.map { "\"\($0)\"" }.joined(separator: ", ")
        } else if let numbers = raw as? [Int] {
            schema = .integerChoice(numbers)
            words = numbers.map(\.description).joined(separator: ", ")
        } else {
            return nil
        }
    }
}

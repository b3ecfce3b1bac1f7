// SPDX-License-Identifier: Apache-2.0

/// Where in a document a value lies, as a list that shares its beginning with its siblings' lists.
final class JSONPath {
    private let parent: JSONPath?
    private let key: any CodingKey

    /// Nil when there is no key: the path is its parent then.
    convenience init?(_ parent: JSONPath?, _ key: (any CodingKey)?) {
        guard let key else {
            guard let parent else { return nil }
            self.init(parent.parent, last: parent.key)
            return
        }
        self.init(parent, last: key)
    }

    private init(_ parent: JSONPath?, last key: any CodingKey) {
        self.parent = parent
        self.key = key
    }

    var keys: [any CodingKey] {
        var keys: [any CodingKey] = []
        var path: JSONPath? = self
        while let next = path {
            keys.append(next.key)
            path = next.parent
        }
        return keys.reversed()
    }
}

/// A member's name or an element's index.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(index: Int) {
        stringValue = String(index)
        intValue = index
    }

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init?(intValue: Int) {
        self.init(index: intValue)
    }
}

// SPDX-License-Identifier: Apache-2.0
// Change: what a result stands for in the world. Plugins declare it, the journal keeps it, policies and reviews read it.

/// For example class `database_schema_changes`, target `orders`.
package struct Change: Sendable, Hashable, Codable {
    package var changeClass: String
    package var target: String

    package init(changeClass: String, target: String) {
        self.changeClass = changeClass
        self.target = target
    }

    private enum CodingKeys: String, CodingKey {
        case changeClass = "class"
        case target
    }
}

// SPDX-License-Identifier: Apache-2.0
// JSONText: a JSON value that crosses the control socket as text inside JSON. A person's value arrives with the order of
// its members and the difference between 1 and 1.0 intact, which Codable's own containers would lose.

import CorralBase

package struct JSONText: Hashable, Sendable, Codable {
    package var value: JSON

    package init(_ value: JSON) { self.value = value }

    package init(from decoder: any Decoder) throws {
        value = try JSON(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.text())
    }
}

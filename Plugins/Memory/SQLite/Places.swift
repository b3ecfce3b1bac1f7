// SPDX-License-Identifier: Apache-2.0
// Places: namespaces as the database knows them: by number, or all of them.

struct Places {
    /// The name that stands for all namespaces.
    static let wildcard = "*"

    /// Nil for all.
    var numbers: [Int64]?

    /// One for each namespace, or one for all.
    var each: [Place] { numbers.map { $0.map { Place(number: $0) } } ?? [Place(number: nil)] }
}

struct Place {
    var number: Int64?

    /// A condition on the first parameter. Two texts, so that the one for a namespace can use an index.
    func condition(_ table: String) -> String { number == nil ? "?1 IS NULL" : "\(table)namespace = ?1" }

    var value: SQLValue { SQLValue(number) }
}

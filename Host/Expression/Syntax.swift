// SPDX-License-Identifier: Apache-2.0
// Syntax: the tree of a parsed expression.

/// One node, with the place of its operator or first character.
struct Syntax: Sendable {
    indirect enum Kind: Sendable {
        case literal(CELValue)
        case name(String)
        case select(Syntax, field: String)
        /// `has(operand.field)`
        case has(Syntax, field: String)
        case index(Syntax, Syntax)
        case list([Syntax])
        case map([(key: Syntax, value: Syntax)])
        /// `a && b && c` as one node: long chains must not become deep trees.
        case and([Syntax])
        case or([Syntax])
        case conditional(Syntax, Syntax, Syntax)
        case call(Function, [Syntax])
        /// `text.matches("literal")` with the pattern compiled once.
        case matches(Syntax, Pattern)
        case comprehension(Comprehension)
    }

    let offset: Int
    /// Levels below and including this node; bounds every recursion over the tree.
    let height: Int
    let kind: Kind
}

/// A macro that walks over a list or the keys of a map.
struct Comprehension: Sendable {
    enum Macro: String, Sendable, CaseIterable {
        case all, exists, filter, map
        case existsOne = "exists_one"
    }

    let macro: Macro
    let range: Syntax
    let variable: String
    /// The condition; nil for `map` without one.
    let condition: Syntax?
    /// What `map` makes of each element.
    let transform: Syntax?
}

extension Syntax {
    var children: [Syntax] {
        switch kind {
        case .literal, .name: []
        case .select(let operand, _), .has(let operand, _), .matches(let operand, _): [operand]
        case .index(let operand, let index): [operand, index]
        case .list(let elements), .and(let elements), .or(let elements), .call(_, let elements): elements
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .conditional(let condition, let yes, let no): [condition, yes, no]
        case .comprehension(let walk): [walk.range, walk.condition, walk.transform].compactMap { $0 }
        }
    }
}

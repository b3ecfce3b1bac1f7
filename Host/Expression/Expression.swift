// SPDX-License-Identifier: Apache-2.0
// Expression: a CEL expression, parsed once and evaluated often. Total and bounded: it always ends, with a value or an
// error that has a place, after at most `Limits.expressionCostMax` steps.

import CorralBase

package struct Expression: Sendable {
    package let text: String
    /// What the expression reads from outside, in the order of the text; variables of macros are not in it.
    package let references: [Reference]
    let root: Syntax

    /// - Throws: `expression_invalid`, `expression_unknown_name` (a function), `expression_too_large`.
    package init(parsing text: String) throws(ExpressionError) {
        var parser = try Parser(text)
        self.text = text
        root = try parser.parse()
        references = Reference.all(in: root)
    }

    /// The value.
    /// - Throws: the codes of this module; never because of time or chance.
    package func evaluate(_ bindings: some ExpressionBindings) throws(ExpressionError) -> CELValue {
        var evaluator = Evaluator(bindings, ExpressionMeter())
        return try evaluator.evaluate(root)
    }

    /// The value as JSON. Parts that were JSON are shared with the bindings, not copied.
    package func json(_ bindings: some ExpressionBindings) throws(ExpressionError) -> JSON {
        var meter = ExpressionMeter()
        return try json(bindings, &meter)
    }

    /// The value as JSON, its cost taken from a bound that several expressions share.
    package func json(
        _ bindings: some ExpressionBindings, _ meter: inout ExpressionMeter
    ) throws(ExpressionError) -> JSON {
        var evaluator = Evaluator(bindings, meter)
        defer { meter.spend(evaluator.cost) }
        let value = try evaluator.evaluate(root)
        return try evaluator.json(value, at: 0)
    }

    /// The value of a condition.
    /// - Throws: also `expression_type_mismatch` when the value is no bool.
    package func condition(_ bindings: some ExpressionBindings) throws(ExpressionError) -> Bool {
        let value = try evaluate(bindings)
        guard case .bool(let flag) = value else { throw .notBool("the condition", value, at: 0) }
        return flag
    }

    /// The reference that the whole expression is, or nil when it computes anything: its value is then part of one that
    /// was there before.
    package var plainReference: Reference? {
        references.count == 1 && Reference.isPlain(root) ? references.first : nil
    }

    /// Whether a name stands for a type (`int`, `list`…) where nothing else has that name.
    package static func isTypeName(_ name: String) -> Bool { CELType(rawValue: name) != nil }

    /// Words that can be no name in an expression.
    package static let reservedWords: Set<String> = reservedNames.union(["true", "false", "null", "in"])
}

extension Expression: Hashable {
    package static func == (a: Expression, b: Expression) -> Bool { a.text == b.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// A name an expression reads, with the constant members after it: `load.bars[0].close` reads `load`, path `bars`.
package struct Reference: Sendable, Hashable {
    package let root: String
    package let path: [String]
    /// Where the name starts: Unicode scalars before it.
    package let offset: Int
    /// Whether it stands in `has(…)`, which asks whether the last member is there.
    package let isTest: Bool

    func moved(by distance: Int) -> Reference {
        Reference(root: root, path: path, offset: offset + distance, isTest: isTest)
    }

    static func all(in root: Syntax) -> [Reference] {
        var found: [Reference] = []
        collect(root, bound: [], &found)
        return found.sorted { $0.offset < $1.offset }
    }

    static func isPlain(_ syntax: Syntax) -> Bool {
        if case .has = syntax.kind { return false }
        return Reference(syntax) != nil
    }

    private static func collect(_ syntax: Syntax, bound: Set<String>, _ found: inout [Reference]) {
        if let reference = Reference(syntax) {
            if !bound.contains(reference.root) { found.append(reference) }
            return
        }
        if case .comprehension(let walk) = syntax.kind {
            collect(walk.range, bound: bound, &found)
            for inner in [walk.condition, walk.transform] {
                if let inner { collect(inner, bound: bound.union([walk.variable]), &found) }
            }
            return
        }
        for child in syntax.children { collect(child, bound: bound, &found) }
    }

    private init(root: String, path: [String], offset: Int, isTest: Bool) {
        (self.root, self.path, self.offset, self.isTest) = (root, path, offset, isTest)
    }

    /// The chain of constant members that a node is, or nil when it is anything else.
    private init?(_ syntax: Syntax) {
        switch syntax.kind {
        case .name(let name): self.init(root: name, path: [], offset: syntax.offset, isTest: false)
        case .select(let operand, let field): self.init(operand, then: field, isTest: false)
        case .has(let operand, let field): self.init(operand, then: field, isTest: true)
        case .index(let operand, let index):
            guard case .literal(.string(let field)) = index.kind else { return nil }
            self.init(operand, then: field, isTest: false)
        default: return nil
        }
    }

    private init?(_ operand: Syntax, then field: String, isTest: Bool) {
        guard let below = Reference(operand) else { return nil }
        self.init(root: below.root, path: below.path + [field], offset: below.offset, isTest: isTest)
    }
}

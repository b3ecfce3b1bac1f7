// SPDX-License-Identifier: Apache-2.0
// Pattern: the regular expressions of `matches`, a subset of RE2's syntax, run as a set of states side by side (Thompson
// 1968). The time is at most text × program, whatever the pattern, because nothing is ever tried twice.

import CorralBase

struct Pattern: Sendable {
    enum Instruction: Sendable {
        case one(CharacterSet)
        case split(Int, Int)
        case jump(Int)
        case assert(Anchor)
        case match
    }

    enum Anchor: Sendable { case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary }

    let program: [Instruction]

    /// Compiles `text`; errors point into it, `offset` scalars on.
    init(_ text: String, at offset: Int) throws(ExpressionError) {
        var reader = PatternReader(text, at: offset)
        let tree = try reader.read()
        var compiler = PatternCompiler(offset: offset)
        try compiler.emit(tree)
        program = compiler.program + [.match]
    }

    /// Whether the pattern is found anywhere in `text`. `charge` is told the steps taken and may stop the search.
    func matches(_ text: String, charge: (Int) throws(ExpressionError) -> Void) throws(ExpressionError) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var now = StateSet(program.count)
        var next = StateSet(program.count)
        for position in 0...scalars.count {
            if add(0, to: &now, scalars, position) { return true }
            try charge(1 + now.states.count)
            guard position < scalars.count else { return false }
            next.removeAll()
            for state in now.states {
                guard case .one(let set) = program[state], set.contains(scalars[position]) else { continue }
                if add(state + 1, to: &next, scalars, position + 1) { return true }
            }
            swap(&now, &next)
        }
        return false
    }

    /// Adds a state and all it reaches without reading; true when that includes the end of the pattern.
    private func add(_ state: Int, to set: inout StateSet, _ text: [Unicode.Scalar], _ position: Int) -> Bool {
        var pending = [state]
        while let state = pending.popLast() {
            guard set.insert(state) else { continue }
            switch program[state] {
            case .match: return true
            case .one: break
            case .jump(let target): pending.append(target)
            case .split(let a, let b): pending.append(contentsOf: [b, a])
            case .assert(let anchor): if holds(anchor, text, position) { pending.append(state + 1) }
            }
        }
        return false
    }

    private func holds(_ anchor: Anchor, _ text: [Unicode.Scalar], _ position: Int) -> Bool {
        let before = position > 0 ? text[position - 1] : nil
        let after = position < text.count ? text[position] : nil
        switch anchor {
        case .textStart: return before == nil
        case .textEnd: return after == nil
        case .lineStart: return before == nil || before == "\n"
        case .lineEnd: return after == nil || after == "\n"
        case .wordBoundary: return isWord(before) != isWord(after)
        case .noWordBoundary: return isWord(before) == isWord(after)
        }
    }

    private func isWord(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { CharacterSet.word.contains($0) } ?? false }
}

/// Program positions without repetition; clearing is cheap.
private struct StateSet {
    private(set) var states: [Int] = []
    private var isIn: [Bool]

    init(_ count: Int) { isIn = [Bool](repeating: false, count: count) }

    mutating func insert(_ state: Int) -> Bool {
        guard !isIn[state] else { return false }
        isIn[state] = true
        states.append(state)
        return true
    }

    mutating func removeAll() {
        for state in states { isIn[state] = false }
        states.removeAll(keepingCapacity: true)
    }
}

/// Scalars of a class such as `[a-z_]`, `\d` or `.`.
struct CharacterSet: Sendable {
    var ranges: [ClosedRange<UInt32>]
    var isNegated = false
    var ignoresCase = false

    static let digit = CharacterSet(ranges: [48...57])
    static let word = CharacterSet(ranges: [48...57, 65...90, 95...95, 97...122])
    static let space = CharacterSet(ranges: [9...10, 12...13, 32...32])
    static let any = CharacterSet(ranges: [0...0x10FFFF])
    static let notLineBreak = CharacterSet(ranges: [10...10], isNegated: true)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let isIn = has(scalar.value) || (ignoresCase && otherCase(scalar.value).map(has) == true)
        return isIn != isNegated
    }

    private func has(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } }

    private func otherCase(_ value: UInt32) -> UInt32? {
        switch value {
        case 65...90: value + 32
        case 97...122: value - 32
        default: nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// PatternCompiler: the tree of a pattern → its program, bounded in size because counted repetitions multiply.

struct PatternCompiler {
    let offset: Int
    private(set) var program: [Pattern.Instruction] = []

    /// RE2's own bound on what `((a{100}){100}){100}` may become is of the same order.
    private static let instructionsMax = 10_000

    /// Visits of tree nodes: `((){1000}){1000}` emits nothing and would still run for hours.
    private var visits = 0

    init(offset: Int) { self.offset = offset }

    mutating func emit(_ tree: PatternTree) throws(ExpressionError) {
        visits += 1
        guard program.count < Self.instructionsMax, visits < 2 * Self.instructionsMax else {
            throw .syntax("the pattern is too large: its repetitions multiply", at: offset)
        }
        switch tree {
        case .empty: break
        case .one(let set): program.append(.one(set))
        case .anchor(let anchor): program.append(.assert(anchor))
        case .sequence(let parts): for part in parts { try emit(part) }
        case .either(let branches): try emitEither(branches)
        case .repeated(let part, let from, let to): try emitRepeated(part, from, to)
        }
    }

    private mutating func emitEither(_ branches: [PatternTree]) throws(ExpressionError) {
        var ends: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index + 1 < branches.count else {
                try emit(branch)
                break
            }
            let split = program.count
            program.append(.jump(0))
            try emit(branch)
            ends.append(program.count)
            program.append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for end in ends { program[end] = .jump(program.count) }
    }

    private mutating func emitRepeated(_ part: PatternTree, _ from: Int, _ to: Int?) throws(ExpressionError) {
        for _ in 0..<from { try emit(part) }
        guard let to else { return try emitLoop(part) }
        var splits: [Int] = []
        for _ in from..<to {
            splits.append(program.count)
            program.append(.jump(0))
            try emit(part)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }

    private mutating func emitLoop(_ part: PatternTree) throws(ExpressionError) {
        let split = program.count
        program.append(.jump(0))
        try emit(part)
        program.append(.jump(split))
        program[split] = .split(split + 1, program.count)
    }
}

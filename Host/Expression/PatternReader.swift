// SPDX-License-Identifier: Apache-2.0
// PatternReader: the text of a regular expression → its tree. What RE2 has and this does not (Unicode classes, named
// groups' names, `\Q…\E`) is refused by name, never guessed.

indirect enum PatternTree {
    case empty
    case one(CharacterSet)
    case anchor(Pattern.Anchor)
    case sequence([PatternTree])
    case either([PatternTree])
    case repeated(PatternTree, from: Int, to: Int?)
}

struct PatternReader {
    private let scalars: [Unicode.Scalar]
    private let offset: Int
    private var position = 0
    private var depth = 0
    private var ignoresCase = false
    private var isMultiline = false
    private var dotMatchesAll = false

    /// Counted repetitions are copied, so they are as small as RE2 allows them.
    private static let repeatMax = 1000
    private static let depthMax = 100

    init(_ text: String, at offset: Int) {
        scalars = Array(text.unicodeScalars)
        self.offset = offset
    }

    mutating func read() throws(ExpressionError) -> PatternTree {
        let tree = try alternatives()
        guard peek == nil else { throw mistake("\")\" closes nothing") }
        return tree
    }

    private mutating func alternatives() throws(ExpressionError) -> PatternTree {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw mistake("groups are nested too deeply") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .either(branches)
    }

    private mutating func sequence() throws(ExpressionError) -> PatternTree {
        var parts: [PatternTree] = []
        while let scalar = peek, scalar != "|", scalar != ")" { parts.append(try repeated()) }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func repeated() throws(ExpressionError) -> PatternTree {
        let part = try single()
        guard let range = try quantifier() else { return part }
        // `a*?` finds the same texts as `a*`: whether there is a match does not depend on greed.
        _ = take("?")
        if let next = peek, next == "*" || next == "+" || next == "?" { throw mistake("a repetition of a repetition") }
        return .repeated(part, from: range.from, to: range.to)
    }

    private mutating func quantifier() throws(ExpressionError) -> (from: Int, to: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{"), let from = number() else {
            position = start
            return nil
        }
        var to: Int? = from
        if take(",") { to = number() }
        guard take("}") else {
            position = start
            return nil
        }
        guard from <= Self.repeatMax, to ?? 0 <= Self.repeatMax, to ?? from >= from else {
            throw mistake("a repetition count is out of range")
        }
        return (from, to)
    }

    private mutating func single() throws(ExpressionError) -> PatternTree {
        guard let scalar = peek else { return .empty }
        if scalar == "{", isCount { throw mistake("nothing to repeat before \"{\"") }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return .one(try characterClass())
        case ".": return .one(dotMatchesAll ? .any : .notLineBreak)
        case "^": return .anchor(isMultiline ? .lineStart : .textStart)
        case "$": return .anchor(isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw mistake("nothing to repeat before \"\(scalar)\"", back: 1)
        default: return .one(literal(scalar))
        }
    }

    private mutating func group() throws(ExpressionError) -> PatternTree {
        let flags = (ignoresCase, isMultiline, dotMatchesAll)
        if take("?") {
            try groupStart()
            // `(?i)` without a colon holds for the rest of the group around it.
            if take(")") { return .empty }
            guard take(":") || take(">") else { throw mistake("this kind of group is not supported") }
        }
        let inner = try alternatives()
        guard take(")") else { throw mistake("a group is not closed") }
        (ignoresCase, isMultiline, dotMatchesAll) = flags
        return inner
    }

    private mutating func groupStart() throws(ExpressionError) {
        var value = true
        while let scalar = peek, scalar != ":", scalar != ")" {
            position += 1
            switch scalar {
            case "i": ignoresCase = value
            case "m": isMultiline = value
            case "s": dotMatchesAll = value
            case "-": value = false
            default: throw mistake("this kind of group is not supported", back: 1)
            }
        }
    }

    private mutating func escape() throws(ExpressionError) -> PatternTree {
        guard let scalar = peek else { throw mistake("\"\\\" at the end") }
        switch scalar {
        case "b", "B", "A", "z":
            position += 1
            let anchors: [Unicode.Scalar: Pattern.Anchor] = [
                "b": .wordBoundary, "B": .noWordBoundary, "A": .textStart, "z": .textEnd,
            ]
            return anchors[scalar].map { .anchor($0) } ?? .empty
        default: return .one(try escapedSet())
        }
    }

    /// The set after a backslash, inside or outside of brackets.
    private mutating func escapedSet() throws(ExpressionError) -> CharacterSet {
        guard let scalar = peek else { throw mistake("\"\\\" at the end") }
        position += 1
        switch scalar {
        case "d": return .digit
        case "w": return .word
        case "s": return .space
        case "D": return negated(.digit)
        case "W": return negated(.word)
        case "S": return negated(.space)
        case "n": return literal("\n")
        case "t": return literal("\t")
        case "r": return literal("\r")
        case "f": return literal("\u{0C}")
        case "v": return literal("\u{0B}")
        case "a": return literal("\u{07}")
        case "x": return literal(try hexadecimal())
        default:
            guard scalar.isASCII, !isNameStart(scalar) || scalar == "_", !isDigit(scalar) else {
                throw mistake("\"\\\(scalar)\" is not supported", back: 2)
            }
            return literal(scalar)
        }
    }

    private mutating func hexadecimal() throws(ExpressionError) -> Unicode.Scalar {
        var digits = ""
        if take("{") {
            while let scalar = peek, scalar != "}", digits.utf8.count < 7 {
                digits.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}") else { throw mistake("\"\\x{\" is not closed") }
        } else {
            for scalar in scalars[position...].prefix(2) { digits.unicodeScalars.append(scalar) }
            position += digits.unicodeScalars.count
        }
        guard digits.unicodeScalars.allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw mistake("\"\\x\" needs a character's number") }
        return scalar
    }

    private mutating func characterClass() throws(ExpressionError) -> CharacterSet {
        var set = CharacterSet(ranges: [], isNegated: take("^"), ignoresCase: ignoresCase)
        var isFirst = true
        while let scalar = peek, isFirst || scalar != "]" {
            isFirst = false
            if scalar == "[", next == ":" { throw mistake("a named class is not supported") }
            let low = try classPart()
            guard peek == "-", next != "]", next != nil, let from = low.only else {
                set.ranges.append(contentsOf: low.flattened)
                continue
            }
            position += 1
            guard let to = try classPart().only, from <= to else { throw mistake("this range has no characters") }
            set.ranges.append(from...to)
        }
        guard take("]") else { throw mistake("\"[\" is not closed") }
        return set
    }

    private mutating func classPart() throws(ExpressionError) -> CharacterSet {
        guard let scalar = peek else { throw mistake("\"[\" is not closed") }
        position += 1
        return scalar == "\\" ? try escapedSet() : CharacterSet(ranges: [scalar.value...scalar.value])
    }

    private func literal(_ scalar: Unicode.Scalar) -> CharacterSet {
        CharacterSet(ranges: [scalar.value...scalar.value], ignoresCase: ignoresCase)
    }

    private func negated(_ set: CharacterSet) -> CharacterSet {
        CharacterSet(ranges: set.ranges, isNegated: true, ignoresCase: set.ignoresCase)
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }
    private var next: Unicode.Scalar? { position + 1 < scalars.count ? scalars[position + 1] : nil }

    /// Whether `{` here starts `{2}` or `{2,3}`; any other `{` is itself, as in RE2.
    private var isCount: Bool {
        let rest = scalars[position...].dropFirst()
        let digits = rest.prefix(while: isDigit)
        guard !digits.isEmpty, let after = rest.dropFirst(digits.count).first else { return false }
        return after == "}" || after == ","
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private mutating func number() -> Int? {
        let digits = scalars[position...].prefix(while: isDigit)
        guard !digits.isEmpty else { return nil }
        position += digits.count
        return digits.count > 6 ? Int.max : digits.reduce(0) { $0 * 10 + Int($1.value - 48) }
    }

    private func mistake(_ what: String, back: Int = 0) -> ExpressionError {
        .syntax("pattern, character \(max(1, position - back + 1)): \(what)", at: offset)
    }
}

extension CharacterSet {
    fileprivate var only: UInt32? {
        guard !isNegated, ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }

    /// The ranges without negation, for use inside brackets.
    fileprivate var flattened: [ClosedRange<UInt32>] {
        guard isNegated else { return ranges }
        var (result, start): ([ClosedRange<UInt32>], UInt32) = ([], 0)
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > start { result.append(start...(range.lowerBound - 1)) }
            start = range.upperBound + 1
        }
        return result + [start...0x10FFFF]
    }
}

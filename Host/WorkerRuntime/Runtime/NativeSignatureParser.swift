// SPDX-License-Identifier: Apache-2.0
// NativeSignatureParser: the grammar of native.h by recursive descent without recursion: it has no nested types.

struct NativeSignatureParser {
    typealias Mistake = NativeSignatureMistake

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8.prefix(4096)) }

    mutating func signature() throws(Mistake) -> NativeSignature {
        try expect("(")
        var drafts: [Draft] = []
        skipSpace()
        if !accept(")") {
            repeat { drafts.append(try parameter()) } while accept(",")
            try expect(")")
        }
        try expect("->")
        let result = try result()
        skipSpace()
        guard position == bytes.count else { throw mistake("nothing may follow the result") }
        return NativeSignature(parameters: try resolve(drafts), result: result)
    }

    // MARK: Parameters

    /// A parameter whose length may name one that comes later.
    private struct Draft {
        var name: String?
        var kind: NativeSignature.Kind
        var lengthName: String?
        var position: Int
    }

    private mutating func parameter() throws(Mistake) -> Draft {
        skipSpace()
        let start = position
        var word = try word("a parameter")
        var name: String?
        // "out:f64" is an out parameter without a name; "out: f64" would be read so too, so no parameter may be called out.
        if word != "out", accept(":") {
            guard isName(word) else { throw mistake("\"\(word)\" is not a name: use [a-z][a-z0-9_]{0,63}", at: start) }
            name = word
            skipSpace()
            word = try self.word("a type")
        }
        if word == "out" {
            try expect(":")
            skipSpace()
            return try outParameter(name, start)
        }
        return Draft(name: name, kind: try inKind(word), position: start)
    }

    private mutating func inKind(_ word: String) throws(Mistake) -> NativeSignature.Kind {
        if word == "str" { return .text }
        if word == "bytes" { return .bytes }
        let scalar = try scalar(word)
        guard accept("[") else { return .scalar(scalar) }
        guard accept("]") else { throw mistake("an array that goes in has no length: write \"\(word)[]\"") }
        return .array(scalar)
    }

    private mutating func outParameter(_ name: String?, _ start: Int) throws(Mistake) -> Draft {
        let type = try word("a number type")
        let scalar = try scalar(type)
        guard accept("[") else { return Draft(name: name, kind: .out(scalar), position: start) }
        skipSpace()
        let at = position
        let length = try word("a length")
        try expect("]")
        if let count = Int(length) {
            guard (1...NativeSignature.lengthMax).contains(count) else {
                throw mistake("length \(length) is not between 1 and \(NativeSignature.lengthMax)", at: at)
            }
            return Draft(name: name, kind: .outArray(scalar, .fixed(count)), position: start)
        }
        return Draft(name: name, kind: .outArray(scalar, .fixed(0)), lengthName: length, position: at)
    }

    private func scalar(_ word: String) throws(Mistake) -> Scalar {
        if let scalar = Scalar(rawValue: word) { return scalar }
        throw mistake(
            "unknown type \"\(word)\"; known are \(Scalar.allCases.map(\.rawValue).joined(separator: " ")) str bytes",
            at: max(0, position - word.utf8.count))
    }

    private mutating func result() throws(Mistake) -> NativeSignature.Outcome {
        skipSpace()
        let word = try word("a result")
        switch word {
        case "void": return .void
        case "status": return .status
        case "str": return .text(isFreed: accept("!free"))
        default:
            guard let scalar = Scalar(rawValue: word) else {
                throw mistake(
                    "unknown result \"\(word)\"; known are void, status, str, str!free and the numbers",
                    at: max(0, position - word.utf8.count))
            }
            return .scalar(scalar)
        }
    }

    // MARK: Names and lengths

    private func resolve(_ drafts: [Draft]) throws(Mistake) -> [NativeSignature.Parameter] {
        var names: [String] = []
        for (index, draft) in drafts.enumerated() {
            let name = draft.name ?? standardName(index)
            guard !names.contains(name) else {
                throw mistake("two parameters are called \"\(name)\"", at: draft.position)
            }
            guard name != "result" || !draft.kind.isOut else {
                throw mistake("\"result\" is the name of the function's own result", at: draft.position)
            }
            names.append(name)
        }
        var parameters: [NativeSignature.Parameter] = []
        for (index, draft) in drafts.enumerated() {
            parameters.append(NativeSignature.Parameter(name: names[index], kind: try kind(of: draft, names, drafts)))
        }
        let arity = parameters.reduce(0) { $0 + $1.kind.arity }
        guard arity <= NativeSignature.arityMax else {
            throw mistake("\(arity) C parameters, at most \(NativeSignature.arityMax) are supported", at: 0)
        }
        return parameters
    }

    private func kind(of draft: Draft, _ names: [String], _ drafts: [Draft]) throws(Mistake) -> NativeSignature.Kind {
        guard let length = draft.lengthName, case .outArray(let scalar, _) = draft.kind else { return draft.kind }
        guard let index = names.firstIndex(of: length), case .scalar(let counter) = drafts[index].kind,
            counter.isInteger
        else { throw mistake("\"\(length)\" is neither a number nor an integer parameter", at: draft.position) }
        return .outArray(scalar, .parameter(index))
    }

    /// a, b, c, … p: there are at most 16.
    private func standardName(_ index: Int) -> String {
        index < 26 ? String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index))) : "p\(index)"
    }

    // MARK: Characters

    private func isName(_ word: String) -> Bool {
        guard let first = word.utf8.first, word.utf8.count <= 64 else { return false }
        return first >= UInt8(ascii: "a") && first <= UInt8(ascii: "z")
            && word.utf8.allSatisfy { isWordByte($0) && !($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")) }
    }

    private mutating func word(_ what: String) throws(Mistake) -> String {
        let start = position
        while position < bytes.count, isWordByte(bytes[position]) { position += 1 }
        guard position > start else { throw mistake("expected \(what)") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    private mutating func accept(_ text: StaticString) -> Bool {
        skipSpace()
        let length = text.utf8CodeUnitCount
        guard bytes.count - position >= length,
            (0..<length).allSatisfy({ bytes[position + $0] == text.utf8Start[$0] })
        else { return false }
        position += length
        return true
    }

    private mutating func expect(_ text: StaticString) throws(Mistake) {
        guard accept(text) else { throw mistake("expected '\(text)'") }
    }

    private func mistake(_ what: String, at offset: Int? = nil) -> Mistake {
        Mistake(what: what, column: (offset ?? position) + 1)
    }
}

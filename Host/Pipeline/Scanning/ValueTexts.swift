// SPDX-License-Identifier: Apache-2.0
// ValueTexts: every text of a JSON value, as a scanner sees it: decoded strings, the names of members, and integers long
// enough to be a number of somebody.

import CorralBase

struct ValueTexts {
    /// A part of the value, and which of the texts are its own.
    struct Part {
        var hash: UInt64
        var texts: Range<Int>
    }

    private(set) var texts: [ScanText] = []
    /// Where each text stands.
    private(set) var places: [ValuePath] = []
    /// The parts with many texts that are not known yet.
    private(set) var parts: [Part] = []
    private var memory: ScanMemory
    /// The scanners by whose word parts were left out.
    let versions: [String]

    /// A social security number has nine digits.
    private static let digitsMin: UInt64 = 100_000_000

    /// - Parameter memory: parts that it knows to hold nothing are left out.
    init(of value: JSON, known memory: ScanMemory) {
        self.memory = memory
        versions = memory.versions
        _ = add(value, key: nil, ValuePath.root, .whole)
        // Held on to, it would be copied with its next change.
        self.memory = ScanMemory()
    }

    /// The digits that stand for a number where it is long enough to be looked at.
    static func digits(of value: JSON) -> String? {
        switch value {
        case .int(let number): number.magnitude >= digitsMin ? String(number.magnitude) : nil
        case .double(let number):
            number.magnitude >= Double(digitsMin) ? Int64(exactly: number).map { String($0.magnitude) } : nil
        default: nil
        }
    }

    /// - Returns: a hash of the value.
    private mutating func add(_ value: JSON, key: String?, _ parent: ValuePath, _ step: ValuePath.Step) -> Int {
        switch value {
        case .string(let text): return note(ScanText(text, key: key), parent.appending(step))
        case .int, .double:
            guard let digits = Self.digits(of: value) else { return 0 }
            return note(ScanText(digits, key: key), parent.appending(step))
        case .array(let elements):
            let path = parent.appending(step)
            return part { texts, hasher in
                hasher.combine(key)
                for (index, element) in elements.enumerated() {
                    hasher.combine(texts.add(element, key: key, path, .element(index)))
                }
            }
        case .object(let object):
            let path = parent.appending(step)
            return part { texts, hasher in
                for member in object.members {
                    hasher.combine(texts.note(ScanText(member.key), path.appending(.name)))
                    hasher.combine(texts.add(member.value, key: member.key, path, .member(member.key)))
                }
            }
        case .null, .bool: return 0
        }
    }

    private mutating func note(_ text: ScanText, _ place: ValuePath) -> Int {
        texts.append(text)
        places.append(place)
        var hasher = Hasher()
        hasher.combine(text)
        return hasher.finalize()
    }

    private mutating func part(_ body: (inout ValueTexts, inout Hasher) -> Void) -> Int {
        let (start, innerStart) = (texts.count, parts.count)
        var hasher = Hasher()
        body(&self, &hasher)
        let hash = hasher.finalize()
        guard texts.count - start >= Limits.scanTreeTextsMin else { return hash }
        let known = UInt64(bitPattern: Int64(hash))
        if memory.isClean(known) {
            texts.removeSubrange(start...)
            places.removeSubrange(start...)
            parts.removeSubrange(innerStart...)
        } else {
            parts.append(Part(hash: known, texts: start..<texts.count))
        }
        return hash
    }
}

/// The way to a value, from the outside in. A class, so that ten thousand siblings share what is above them.
final class ValuePath: Sendable {
    enum Step: Sendable {
        case whole
        case member(String)
        case element(Int)
        /// The name of a member, which is not part of a path that is shown.
        case name
    }

    private let parent: ValuePath?
    private let step: Step

    static let root = ValuePath(nil, .whole)

    private init(_ parent: ValuePath?, _ step: Step) {
        self.parent = parent
        self.step = step
    }

    func appending(_ step: Step) -> ValuePath {
        if case .whole = step { self } else { ValuePath(self, step) }
    }

    /// `customer.cards[2]`, `customer (a member's name)`; `the whole value`.
    /// - Parameter shown: what to show for a member's name, which may itself hold a value.
    func text(_ shown: (String) -> String) -> String {
        var steps: [Step] = []
        var place: ValuePath? = self
        while let at = place {
            steps.append(at.step)
            place = at.parent
        }
        var text = ""
        var isName = false
        for step in steps.reversed() {
            switch step {
            case .whole: continue
            case .member(let name): text += (text.isEmpty ? "" : ".") + shown(name)
            case .element(let index): text += "[\(index)]"
            case .name: isName = true
            }
        }
        if text.isEmpty { text = isName ? "the outermost map" : "the whole value" }
        return isName ? text + " (a member's name)" : text
    }
}

extension JSON {
    /// The value with the texts replaced that stand for others in `replacements`. A number that is replaced becomes a
    /// string; names that become equal are numbered.
    func replacing(_ replacements: [ScanText: String], key: String? = nil) -> JSON {
        switch self {
        case .string(let text): return replacements[ScanText(text, key: key)].map { .string($0) } ?? self
        case .int, .double:
            guard let digits = ValueTexts.digits(of: self) else { return self }
            return replacements[ScanText(digits, key: key)].map { .string($0) } ?? self
        case .array(let elements): return .array(elements.map { $0.replacing(replacements, key: key) })
        case .object(let object):
            var replaced = JSONObject()
            for member in object.members {
                let wanted = replacements[ScanText(member.key)] ?? member.key
                var (name, number) = (wanted, 1)
                while replaced[name] != nil {
                    number += 1
                    name = "\(wanted)#\(number)"
                }
                replaced[name] = member.value.replacing(replacements, key: member.key)
            }
            return .object(replaced)
        case .null, .bool: return self
        }
    }
}

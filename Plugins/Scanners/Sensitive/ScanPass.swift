// SPDX-License-Identifier: Apache-2.0

/// One pass over one text. The pattern engine says where something may be; a check looks there, within bounds, and
/// reports what it is sure of.
///
/// Every byte that a check looks at is counted in `examined`, which tests hold against the length of the text: no input
/// makes a check look at one place more than a constant number of times.
final class ScanPass {
    let bytes: UnsafeBufferPointer<UInt8>
    /// What the name that the text goes by says about it.
    let key: KeyContext
    private(set) var found: [Detection] = []
    private(set) var examined = 0
    /// Where the last thing of a class, or the last run that a check went through, ended.
    private var covered: [Int]
    /// Where the `@` is that ends the credentials of a URL: it is part of no mail address.
    var credentialsEnd = -1

    init(_ bytes: UnsafeBufferPointer<UInt8>, key: KeyContext) {
        self.bytes = bytes
        self.key = key
        covered = Array(repeating: 0, count: SensitiveClass.allCases.count)
    }

    var count: Int { bytes.count }

    /// The byte at a place, 0 outside of the text.
    func byte(_ index: Int) -> UInt8 {
        examined += 1
        return index >= 0 && index < bytes.count ? bytes[index] : 0
    }

    /// The first place from `start` on whose byte is not in `set`, at most `most` further.
    func end(of set: ByteSet, from start: Int, most: Int = .max) -> Int {
        let limit = most >= count - start ? count : start + most
        var index = start
        while index < limit, set.contains(bytes[index]) { index += 1 }
        examined += index - start + 1
        return index
    }

    /// The first place from `start` on whose byte is in `set`, at most `most` further.
    func first(of set: ByteSet, from start: Int, most: Int) -> Int {
        let limit = most >= count - start ? count : start + most
        var index = start
        while index < limit, !set.contains(bytes[index]) { index += 1 }
        examined += index - start + 1
        return index
    }

    /// The start of the run of bytes in `set` that ends before `end`, at most `most` back.
    func start(of set: ByteSet, before end: Int, most: Int) -> Int {
        let limit = max(0, end - most)
        var index = end
        while index > limit, set.contains(bytes[index - 1]) { index -= 1 }
        examined += end - index + 1
        return index
    }

    /// Whether the bytes at a place are those of an ASCII text; capitals count as small letters unless `isExact`.
    func has(_ text: StaticString, at index: Int, isExact: Bool = true) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index >= 0, index + length <= count else { return false }
        examined += length
        for offset in 0..<length {
            let wanted = text.utf8Start[offset]
            var byte = bytes[index + offset]
            if !isExact, ByteSet.letters.contains(byte) { byte |= 0x20 }
            guard byte == wanted else { return false }
        }
        return true
    }

    /// The text of a range in lower case. For ranges with a bound.
    func lowercased(_ range: Range<Int>) -> String {
        examined += range.count
        return String(
            decoding: range.map { ByteSet.letters.contains(bytes[$0]) ? bytes[$0] | 0x20 : bytes[$0] }, as: UTF8.self)
    }

    /// Whether one of some lower-case words is within `most` bytes before a place.
    func names(_ words: [StaticString], before index: Int, within most: Int = 48) -> Bool {
        (max(0, index - most)..<index).contains { place in
            words.contains { word in
                // Nearly every place differs in its first letter.
                (bytes[place] | 0x20) == (word.utf8Start[0] | 0x20) && place + word.utf8CodeUnitCount <= index
                    && has(word, at: place, isExact: false)
            }
        }
    }

    /// The digits of a range, as numbers.
    func digits(_ range: Range<Int>) -> [UInt8] {
        examined += range.count
        return range.compactMap { ByteSet.digits.contains(bytes[$0]) ? bytes[$0] - UInt8(ascii: "0") : nil }
    }

    // MARK: What was found

    /// Whether a place lies in what was found of this class, or looked through for it.
    func isCovered(_ index: Int, for sensitiveClass: SensitiveClass) -> Bool { index <= covered[sensitiveClass.place] }

    func cover(_ end: Int, for sensitiveClass: SensitiveClass) {
        covered[sensitiveClass.place] = max(covered[sensitiveClass.place], end)
    }

    func report(_ sensitiveClass: SensitiveClass, _ range: Range<Int>, confidence: Double) {
        guard !range.isEmpty else { return }
        cover(range.upperBound, for: sensitiveClass)
        found.append(Detection(range: range, sensitiveClass: sensitiveClass, confidence: confidence))
    }

    /// What was found in order, without overlaps: where two meet they become one of the graver class, so that nothing
    /// of either is left readable.
    func result() -> [Detection] {
        var merged: [Detection] = []
        for next in found.sorted(by: {
            ($0.range.lowerBound, $1.range.upperBound) < ($1.range.lowerBound, $0.range.upperBound)
        }) {
            guard let last = merged.last, next.range.lowerBound < last.range.upperBound else {
                merged.append(next)
                continue
            }
            var joined = next.sensitiveClass.severity > last.sensitiveClass.severity ? next : last
            joined.range = last.range.lowerBound..<max(last.range.upperBound, next.range.upperBound)
            joined.confidence = max(last.confidence, next.confidence)
            merged[merged.count - 1] = joined
        }
        return merged
    }
}

extension SensitiveClass {
    fileprivate var place: Int {
        switch self {
        case .emailAddresses: 0
        case .phoneNumbers: 1
        case .ssn: 2
        case .creditCards: 3
        case .iban: 4
        case .apiKeys: 5
        case .passwords: 6
        case .privateKeys: 7
        case .databaseCredentials: 8
        }
    }
}

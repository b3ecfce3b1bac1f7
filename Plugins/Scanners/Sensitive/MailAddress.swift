// SPDX-License-Identifier: Apache-2.0

/// Mail addresses: the dot-atom form of RFC 5322 with letters of any script (RFC 6531), at a domain with a top level.
enum MailAddress {
    static let patterns = [
        Pattern(#"[a-zA-Z0-9_%+'\x80-\xff-]@[a-zA-Z0-9\x80-\xff]"#) { check($0, sign: $1 - 2, length: 1) },
        Pattern(#"[a-zA-Z0-9_+'-]%40[a-zA-Z0-9]"#) { check($0, sign: $1 - 4, length: 3) },
    ]

    /// RFC 5321 §4.5.3.1: octets of a local part and of a domain.
    private static let (localMax, domainMax) = (64, 253)
    /// What follows an `@` in the names of files: `icon@2x.png`.
    private static let fileEndings: Set<String> = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "js", "css", "json", "html", "csv", "txt", "ts", "tsx",
    ]

    private static func check(_ pass: ScanPass, sign: Int, length: Int) {
        guard sign != pass.credentialsEnd, let local = local(pass, before: sign),
            let end = domain(pass, from: sign + length)
        else { return }
        // `git@host:path` names a repository.
        if pass.has("git", at: local), local + 3 == sign, pass.byte(end) == UInt8(ascii: ":") { return }
        pass.report(.emailAddresses, local..<end, confidence: 0.95)
    }

    private static func local(_ pass: ScanPass, before sign: Int) -> Int? {
        var start = pass.start(of: .mailboxes, before: sign, most: localMax)
        while start < sign, ByteSet.mailTrims.contains(pass.byte(start)) { start += 1 }
        return start < sign ? start : nil
    }

    /// The end of a domain with at least two labels, the last of which is no number. A file's ending behind it is none of
    /// its labels: `bob@example.com.txt` is an address, `icon@2x.png` is not.
    private static func domain(_ pass: ScanPass, from start: Int) -> Int? {
        var end = trimmed(pass, start..<pass.end(of: .domains, from: start, most: domainMax))
        for _ in 0..<2 {
            guard let dot = lastDot(pass, start..<end), end - dot >= 2 else { return nil }
            let top = pass.lowercased(dot..<end)
            guard fileEndings.contains(top) else { return isTopLevel(top) ? end : nil }
            end = trimmed(pass, start..<dot - 1)
        }
        return nil
    }

    private static func trimmed(_ pass: ScanPass, _ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, ByteSet.mailTrims.contains(pass.byte(end - 1)) { end -= 1 }
        return end
    }

    /// The place behind the last point that has something before it.
    private static func lastDot(_ pass: ScanPass, _ range: Range<Int>) -> Int? {
        var dot = range.upperBound
        while dot > range.lowerBound, pass.byte(dot - 1) != UInt8(ascii: ".") { dot -= 1 }
        return dot > range.lowerBound + 1 ? dot : nil
    }

    private static func isTopLevel(_ label: String) -> Bool {
        label.utf8.allSatisfy { ByteSet.letters.contains($0) || $0 >= 0x80 } || label.hasPrefix("xn--")
    }
}

extension ByteSet {
    fileprivate static let mailTrims = ByteSet(".-'%")
}

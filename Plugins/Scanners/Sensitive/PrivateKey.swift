// SPDX-License-Identifier: Apache-2.0

/// Private keys in their text forms: PEM (RFC 7468, and the older forms of OpenSSL, OpenSSH and PGP) and PuTTY. A key
/// without an end, because the text was cut, reaches as far as its letters do.
enum PrivateKey {
    static let patterns = [
        Pattern.literal("-----BEGIN ", check: check), Pattern.literal("PuTTY-User-Key-File-", check: putty),
        Pattern.literal("AGE-SECRET-KEY-1", check: age),
    ]

    /// RSA with 16,384 bits takes 12 KiB.
    private static let bytesMax = 32 * 1024
    private static let labelMax = 64

    private static func check(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .privateKeys) else { return }
        let labelEnd = pass.end(of: .labels, from: end, most: labelMax)
        guard pass.has("-----", at: labelEnd), pass.lowercased(end..<labelEnd).contains("private key") else { return }
        let body = labelEnd + 5
        let start = end - 11
        if let stop = footer(pass, from: body) {
            pass.report(.privateKeys, start..<stop, confidence: 1)
        } else {
            pass.report(.privateKeys, start..<pass.end(of: .keyBody, from: body, most: bytesMax), confidence: 0.9)
        }
    }

    /// Behind `-----END …-----`; nil when something else comes first.
    private static func footer(_ pass: ScanPass, from body: Int) -> Int? {
        let limit = min(pass.count, body + bytesMax)
        var index = body
        while index < limit {
            index = pass.first(of: .dashes, from: index, most: limit - index)
            if pass.has("-----END ", at: index) {
                let label = pass.end(of: .labels, from: index + 9, most: labelMax)
                return pass.has("-----", at: label) ? label + 5 : label
            }
            if pass.has("-----", at: index) { return nil }
            index += 1
        }
        return nil
    }

    /// To the blank line behind `Private-MAC`, or as far as a key can reach.
    private static func putty(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .privateKeys) else { return }
        var index = end
        let limit = min(pass.count, end + bytesMax)
        while index < limit {
            let lineEnd = pass.first(of: .newlines, from: index, most: limit - index)
            let isLast = pass.has("Private-MAC:", at: index)
            index = lineEnd
            if isLast { break }
            index += 1
        }
        pass.report(.privateKeys, end - 20..<min(index, pass.count), confidence: 0.95)
    }

    /// age: Bech32 in capitals, 58 characters behind the prefix.
    private static func age(_ pass: ScanPass, end: Int) {
        let stop = pass.end(of: .alphanumerics, from: end, most: 59)
        guard stop - end == 58 else { return }
        pass.report(.privateKeys, end - 16..<stop, confidence: 1)
    }
}

extension ByteSet {
    fileprivate static let labels = ByteSet(UInt8(ascii: "A")...UInt8(ascii: "Z"), and: " 0123456789")
    fileprivate static let dashes = ByteSet("-")
    fileprivate static let newlines = ByteSet("\n")
}

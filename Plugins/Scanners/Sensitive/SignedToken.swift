// SPDX-License-Identifier: Apache-2.0

/// JSON Web Tokens (RFC 7519): base64url parts with points between them, the first of which begins like a JSON object
/// in Base64. An encrypted one (RFC 7516) has five parts.
enum SignedToken {
    static let patterns = [Pattern.literal("eyJ", check: check)]

    private static let partMin = 10

    private static func check(_ pass: ScanPass, end: Int) {
        let start = end - 3
        guard !pass.isCovered(end, for: .apiKeys), !ByteSet.tokens.contains(pass.byte(start - 1)),
            pass.byte(start - 1) != UInt8(ascii: ".")
        else { return }
        let header = pass.end(of: .tokens, from: end)
        guard header - start >= partMin, pass.byte(header) == UInt8(ascii: ".") else { return }
        var (stop, parts) = (header, 1)
        while parts < 5, pass.byte(stop) == UInt8(ascii: ".") {
            let next = pass.end(of: .tokens, from: stop + 1)
            // The key part of an encrypted token may be empty; an unsigned token ends with its point.
            if next == stop + 1, pass.byte(next) != UInt8(ascii: "."), parts != 2 { break }
            (stop, parts) = (next, parts + 1)
        }
        guard parts >= 3 else { return }
        pass.report(.apiKeys, start..<stop, confidence: 0.95)
    }
}

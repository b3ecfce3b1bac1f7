// SPDX-License-Identifier: Apache-2.0
import SensitiveScanner
import Testing

/// Time grows with the length of a text and with nothing else. The engine's own pass is linear by construction; the
/// checks count the bytes they look at.
@Suite struct LinearTests {
    static let hostile: [String] = [
        "@", "a@", "a@b", "a@b.", "@@a.a@", "aaaaaaaaaaaaaaaa@aaaaaaaaaaaaaaaa", "4", "41", "4 ", "4-",
        "4111111111111111",
        "4111111111111111 ", "4111 ", "4111-1111-1111-1112 ", "123-45-6788-", "123-45-6788", "+1", "+1 4", "(415) ",
        "415-555-", "phone ", "phone 1", "phone: +", "://", "://a:b/", "://a:b@", "a://b:c/d@", "http://", "eyJ",
        "eyJ.", "eyJ eyJ",
        "eyJaaaaaaaaaa.", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n-",
        "-----BEGIN A PRIVATE KEY-----aaaa", "-----END ", "-----", "PuTTY-User-Key-File-", "sk-", "sk-ant-", "sk-ant-a",
        "ghp_", "ghp_a", "AKIA", "T3BlbkFJ", "sk-T3BlbkFJ", "xoxb-", "password", "password=", "password=a",
        "password:'",
        "api_key=", "api_key=aaaaaaaaaaaaaaa1", "bearer ", "bearer a1", "GB82", "GB82 WEST ", "GB82WEST1234569876543",
        "gb82wes",
        "ssn", "ssn 123456788", "ssn 12345678", "fly_", "whsec_", "hvs.", "SG.", "%40a", "a%40",
        "authorization: basic a",
    ]

    /// What one byte of input may cost at most: the widest window of a check over the shortest text that opens it.
    private static let factorMax = 400

    @Test(arguments: hostile) func looksAtEachByteABoundedNumberOfTimes(_ unit: String) throws {
        var counts: [Int] = []
        for size in [8_192, 16_384, 32_768] {
            let bytes = Array(repeatElement(Array(unit.utf8), count: size / unit.utf8.count + 1).joined().prefix(size))
            let (found, examined) = try Shared.examined(bytes)
            #expect(examined <= Self.factorMax * size, "\(unit): \(examined) looks at \(size) bytes")
            #expect(found.allSatisfy { $0.range.upperBound <= size })
            counts.append(examined)
        }
        // Twice the text, twice the work.
        #expect(counts[1] <= counts[0] * 5 / 2 + 4_096)
        #expect(counts[2] <= counts[1] * 5 / 2 + 4_096)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Finds sensitive values in texts. Make one and use it from any number of threads: compiling the patterns takes
/// longer than scanning a megabyte.
package struct SensitiveText: Sendable {
    private let engine: PatternEngine

    package init() throws(PatternEngineFault) {
        engine = try PatternEngine(
            MailAddress.patterns + CardNumber.patterns + SocialSecurityNumber.patterns + BankAccount.patterns
                + PhoneNumber.patterns + PrivateKey.patterns + Credentials.patterns + SignedToken.patterns
                + KeyShape.patterns + AssignedSecret.patterns)
    }

    /// A text no longer than this is scanned at once. The host sends none that long.
    package static let bytesMax = Int(UInt32.max / 2)

    /// - Parameters:
    ///   - key: the name the text goes by, for example a member's; it decides where the shape alone cannot.
    /// - Returns: by place, without overlaps.
    package func scan(_ text: String, key: String? = nil) throws(PatternEngineFault) -> [Detection] {
        try scan(text, KeyContext(key))
    }

    /// The same with a name that was read before: many texts have one name.
    package func scan(_ text: String, _ key: KeyContext) throws(PatternEngineFault) -> [Detection] {
        var text = text
        var result: Result<[Detection], PatternEngineFault> = .success([])
        text.withUTF8 { bytes in
            do throws(PatternEngineFault) { result = .success(try scan(bytes, key).found) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    /// - Returns: also how many bytes were looked at after the engine's own pass, which tests hold against the length.
    package func scan(
        _ bytes: UnsafeBufferPointer<UInt8>, _ key: KeyContext = .none
    ) throws(PatternEngineFault) -> (found: [Detection], examined: Int) {
        guard bytes.count <= Self.bytesMax else {
            throw PatternEngineFault(description: "a text of \(bytes.count) bytes is too long to be scanned")
        }
        let pass = ScanPass(bytes, key: key)
        try engine.run(pass)
        key.check(pass)
        return (pass.result(), pass.examined)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What the name of a text says about it: nine digits are a number unless they stand under `ssn`.
package struct KeyContext: Sendable {
    let isCard: Bool
    let isSocialSecurity: Bool
    private let isPhone: Bool
    private let isPassword: Bool
    private let isKey: Bool

    /// Of a text without a name.
    package static let none = KeyContext(nil)

    private static let cards = ["card", "cardnumber", "cardno", "ccnumber", "ccnum"]
    private static let socialSecurity = ["ssn", "socialsecurity", "socialsecuritynumber", "ssnumber"]
    private static let phones = [
        "phone", "phonenumber", "telephone", "mobile", "mobilenumber", "cellphone", "fax", "faxnumber",
    ]
    private static let passwords = ["password", "passwd", "passphrase", "pwd", "passwort"]
    private static let keys = [
        "apikey", "accesskey", "secretkey", "secretaccesskey", "clientsecret", "accesstoken", "authtoken",
        "refreshtoken", "bearertoken", "idtoken", "sessiontoken", "signingsecret", "webhooksecret",
    ]

    /// A value under a telling name is taken whole up to this length; more is a text about it.
    private static let valueMax = 256

    /// - Parameter key: as it is written: `customer.apiKey`, `x-api-key`.
    package init(_ key: String?) {
        let name = key.map { $0.suffix(64).lowercased().filter { $0.isLetter || $0.isNumber } } ?? ""
        isCard = Self.cards.contains { name.hasSuffix($0) }
        isSocialSecurity = Self.socialSecurity.contains { name.hasSuffix($0) }
        isPhone = Self.phones.contains { name.hasSuffix($0) }
        isPassword = Self.passwords.contains { name.hasSuffix($0) }
        isKey = Self.keys.contains { name.hasSuffix($0) }
    }

    /// Takes the whole text for what its name says, where nothing was found in it.
    func check(_ pass: ScanPass) {
        guard isPassword || isKey || isSocialSecurity || isPhone, (1...Self.valueMax).contains(pass.count),
            pass.found.isEmpty
        else { return }
        let whole = 0..<pass.count
        if isPassword {
            guard !Placeholder.is(pass, whole), pass.first(of: .lineBreaks, from: 0, most: pass.count) == pass.count
            else { return }
            pass.report(.passwords, whole, confidence: 0.8)
        } else if isKey {
            guard pass.count >= 8, !Placeholder.is(pass, whole), pass.end(of: .printable, from: 0) == pass.count else {
                return
            }
            pass.report(.apiKeys, whole, confidence: 0.8)
        } else if isSocialSecurity {
            guard SocialSecurityNumber.isAssignable(pass.digits(whole)), pass.count <= 11 else { return }
            pass.report(.ssn, whole, confidence: 0.9)
        } else {
            guard pass.end(of: .phone, from: 0) == pass.count, (7...15).contains(pass.digits(whole).count) else {
                return
            }
            pass.report(.phoneNumbers, whole, confidence: 0.9)
        }
    }
}

/// What people write where a secret belongs: `${DB_PASSWORD}`, `<password>`, `********`, `changeme`, a redaction.
enum Placeholder {
    private static let words: Set<String> = [
        "changeme", "password", "secret", "example", "redacted", "hidden", "none", "null", "nil", "true", "false",
        "string", "optional", "required", "undefined", "empty", "unset", "todo", "text", "your_password",
        "yourpassword",
    ]

    static func `is`(_ pass: ScanPass, _ range: Range<Int>) -> Bool {
        guard range.count <= 256 else { return false }
        let text = pass.lowercased(range)
        if words.contains(text) { return true }
        if ["${", "$(", "{{", "<", "%(", "[redacted"].contains(where: { text.hasPrefix($0) }) { return true }
        if text.hasPrefix("$"), text.dropFirst().utf8.allSatisfy({ ByteSet.words.contains($0) }) { return true }
        if text.hasPrefix("{"), text.hasSuffix("}") { return true }
        return Set(text.utf8).isSubset(of: Set("*x•.-".utf8))
    }
}

extension ByteSet {
    static let printable = ByteSet(33...126)
    static let lineBreaks = ByteSet("\n")
    static let phone = ByteSet("0123456789 +-./()x")
}

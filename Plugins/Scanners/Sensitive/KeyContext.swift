// SPDX-License-Identifier: Apache-2.0

/// What the name of a text says about it: nine digits are a number unless they stand under `ssn`.
enum KeyContext {
    /// A value under a telling name is taken whole up to this length; more is a text about it.
    private static let valueMax = 256

    /// Lower case, without what separates words.
    static func normalized(_ key: String?) -> String {
        guard let key else { return "" }
        return key.suffix(64).lowercased().filter { $0.isLetter || $0.isNumber }
    }

    static func isCard(_ key: String) -> Bool {
        ["card", "cardnumber", "cardno", "ccnumber", "ccnum"].contains { key.hasSuffix($0) }
    }

    static func isSocialSecurity(_ key: String) -> Bool {
        ["ssn", "socialsecurity", "socialsecuritynumber", "ssnumber"].contains { key.hasSuffix($0) }
    }

    private static func isPhone(_ key: String) -> Bool {
        ["phone", "phonenumber", "telephone", "mobile", "mobilenumber", "cellphone", "fax", "faxnumber"]
            .contains { key.hasSuffix($0) }
    }

    private static func isPassword(_ key: String) -> Bool {
        ["password", "passwd", "passphrase", "pwd", "passwort"].contains { key.hasSuffix($0) }
    }

    private static func isKey(_ key: String) -> Bool {
        [
            "apikey", "accesskey", "secretkey", "secretaccesskey", "clientsecret", "accesstoken", "authtoken",
            "refreshtoken", "bearertoken", "idtoken", "sessiontoken", "signingsecret", "webhooksecret",
        ].contains { key.hasSuffix($0) }
    }

    /// Takes the whole text for what its name says, where nothing was found in it.
    static func check(_ pass: ScanPass) {
        guard !pass.key.isEmpty, (1...valueMax).contains(pass.count), pass.found.isEmpty else { return }
        let whole = 0..<pass.count
        if isPassword(pass.key) {
            guard !Placeholder.is(pass, whole), pass.first(of: ByteSet("\n"), from: 0, most: pass.count) == pass.count
            else {
                return
            }
            pass.report(.passwords, whole, confidence: 0.8)
        } else if isKey(pass.key) {
            guard pass.count >= 8, !Placeholder.is(pass, whole), pass.end(of: .printable, from: 0) == pass.count else {
                return
            }
            pass.report(.apiKeys, whole, confidence: 0.8)
        } else if isSocialSecurity(pass.key) {
            guard SocialSecurityNumber.isAssignable(pass.digits(whole)), pass.count <= 11 else { return }
            pass.report(.ssn, whole, confidence: 0.9)
        } else if isPhone(pass.key) {
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
    static let phone = ByteSet("0123456789 +-./()x")
}

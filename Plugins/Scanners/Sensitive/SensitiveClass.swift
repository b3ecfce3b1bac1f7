// SPDX-License-Identifier: Apache-2.0

/// What can be found. The names are those of the configuration's `pii_detection.patterns` and
/// `output_sanitization.remove_sensitive_data`, where it has one.
package enum SensitiveClass: String, CaseIterable, Sendable {
    case emailAddresses = "email_addresses"
    case phoneNumbers = "phone_numbers"
    case ssn
    case creditCards = "credit_cards"
    case iban
    case apiKeys = "api_keys"
    case passwords
    case privateKeys = "private_keys"
    case databaseCredentials = "database_credentials"

    /// low, medium, high or critical: what its owner loses when a stranger reads it.
    package var severity: Severity {
        switch self {
        case .emailAddresses, .phoneNumbers: .medium
        case .iban, .passwords, .ssn, .creditCards: .high
        case .apiKeys, .privateKeys, .databaseCredentials: .critical
        }
    }

    package enum Severity: String, Sendable, Comparable {
        case low, medium, high, critical

        private var rank: Int {
            switch self {
            case .low: 0
            case .medium: 1
            case .high: 2
            case .critical: 3
            }
        }

        package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    }

    /// One line for lists.
    package var help: String {
        switch self {
        case .emailAddresses: "mail addresses, also with letters of other scripts and in URLs"
        case .phoneNumbers: "telephone numbers: international, North American, or announced by a word"
        case .ssn: "US social security numbers that can have been assigned"
        case .creditCards: "numbers of payment cards of known issuers with the right check digit"
        case .iban: "international bank account numbers with the right length and check digits"
        case .apiKeys: "keys and tokens of known shapes, JSON Web Tokens, bearer tokens, assigned keys"
        case .passwords: "passwords in URLs, in assignments and under telling names"
        case .privateKeys: "private keys in PEM, PGP, OpenSSH, PuTTY and age form"
        case .databaseCredentials: "passwords in the URLs and connection strings of databases"
        }
    }

    /// What stands in the place of a value. It is itself never a finding, so redacting twice changes nothing.
    package var redaction: String { "[redacted:\(rawValue)]" }
}

/// A place in a text that holds a value of a class.
package struct Detection: Sendable, Hashable {
    /// UTF-8 byte offsets.
    package var range: Range<Int>
    package var sensitiveClass: SensitiveClass
    /// From 0 to 1: how sure the shape alone makes it.
    package var confidence: Double
}

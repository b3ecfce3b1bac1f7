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

// SPDX-License-Identifier: Apache-2.0
// NetworkSection: how the broker reaches the outside, and the secrets it puts into requests. Both are the operator's
// alone: a tenant that could set a proxy would read every other tenant's keys.

import CorralBase

extension Field {
    static let networkSection = Field.group(
        "network", "How plugins' requests reach the outside. Nothing here is taken from variables such as http_proxy.",
        [
            Field(
                "proxy", .scalar(.url),
                "The proxy of all requests and connections: http://host:port, perhaps with user:password@. It looks up"
                    + " names, so it must refuse private addresses itself.", isSensitive: true),
            Field(
                "no_proxy", .list(of: .scalar(.formed(.proxyException))),
                "What is reached without the proxy: hosts, addresses, and domains written as .example.com."),
            Field(
                "ca_file", .scalar(.formed(.absoluteFile)),
                "A PEM file of certificates that are trusted besides the machine's."),
        ], effect: .active)

    static let secretsSection = Field(
        "secrets", .dictionary(of: .map(secret), placeholder: "NAME"),
        "Secrets that the broker puts where a plugin's request says `${secret:NAME}`; the plugin never sees them.",
        effect: .active)

    private static let secret: [Field] = [
        Field(
            "from", .scalar(.formed(.secretSource)),
            "`env:VARIABLE` of the host, or `file:/path` of a file that only its owner can read.", isRequired: true),
        Field(
            "hosts", .list(of: .scalar(.formed(.secretHost))),
            "The hosts it is for: `api.example.com` or `*.example.com`. It goes nowhere else.", isRequired: true),
        Field(
            "scheme", .scalar(.formed(.secretPlace)),
            "Where it may stand: `bearer`, `basic` (the value is user:password), `header:Name`, `query:key`, which"
                + " ends up in servers' logs, or `signature`: it signs webhooks and never leaves the broker.",
            standard: "bearer"),
        Field("tenants", .list(of: .scalar(.name(known: []))), "The tenants that may use it; all when absent."),
    ]
}

extension ScalarType.Form {
    static let absoluteFile = Self("absolute path", expectation: "an absolute path") { isAbsolutePath($0) }

    static let secretSource = Self(
        "source", expectation: "\"env:VARIABLE\" or \"file:/absolute/path\""
    ) { text in
        if text.hasPrefix("file:") { return isAbsolutePath(String(text.dropFirst(5))) }
        return text.hasPrefix("env:") && isSecretName(String(text.dropFirst(4)))
    }

    static let secretHost = Self("host", expectation: "a host name or \"*.example.com\"") { text in
        let name = text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
        return isHostName(name) && (!text.hasPrefix("*.") || name.contains("."))
    }

    static let secretPlace = Self(
        "scheme", expectation: "\"bearer\", \"basic\", \"header:Name\", \"query:key\" or \"signature\""
    ) { text in
        if ["bearer", "basic", "signature"].contains(text) { return true }
        guard let colon = text.firstIndex(of: ":"), ["header", "query"].contains(text[..<colon]) else { return false }
        let name = text[text.index(after: colon)...]
        return (1...128).contains(name.utf8.count) && name.allSatisfy { isTokenCharacter($0) }
    }

    static let proxyException = Self("host", expectation: "a host, an address, \".example.com\" or \"*\"") { text in
        if text == "*" { return true }
        let name = text.hasPrefix("*.") ? text.dropFirst(2) : text.hasPrefix(".") ? text.dropFirst(1) : text[...]
        return isHostName(String(name))
    }

    private static func isAbsolutePath(_ text: String) -> Bool {
        text.hasPrefix("/") && !text.utf8.contains(0) && text.utf8.count < 4096
    }

    /// RFC 9110, section 5.6.2.
    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character))
    }
}

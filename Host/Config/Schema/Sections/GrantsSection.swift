// SPDX-License-Identifier: Apache-2.0
// GrantsSection: what plugins may reach beyond their tenant, and the programs that grants name.

import CorralBase

extension Field {
    static let grantsSection = Field(
        "grants", .dictionary(of: .map(rule), placeholder: "PLUGIN"),
        "What plugins may reach, by plugin id or `publisher/*`: of what a manifest asks for, as much as stands here. A"
            + " plugin's own entry counts before its publisher's. Tenants can only narrow it.", effect: .active,
        tenantRule: .free)

    private static let rule: [Field] = [
        Field(
            "tools", .list(of: .scalar(.formed(.tool))),
            "Tools of other plugins. Left out, a plugin may use all that it asks for."),
        Field("http", .list(of: .map(http)), "HTTP requests through the broker. Left out: none."),
        Field(
            "connect", .list(of: .scalar(.formed(.endpoint))),
            "Connected TCP sockets, to public addresses and to addresses written here as such. Left out: none."),
        Field(
            "connect_internal", .list(of: .scalar(.formed(.endpoint))),
            "Connected TCP sockets to names that may stand for private, link-local or loopback addresses."),
        Field(
            "process", .list(of: .scalar(.formed(.program))), "Programs, by their name in `programs`. Left out: none."
        ),
        Field(
            "secrets", .list(of: .scalar(.formed(.secret))),
            "Secrets whose value the plugin itself sees. What the broker puts into requests needs none. Left out: none."
        ),
        Field(
            "memory", .scalar(.bool),
            "Whether it may use the tenant's memory, within the sharing rules. Left out: if it asks for it."),
        Field(
            "storage", .scalar(.bool),
            "Whether it may have a folder of its own, which counts in `max_storage_mb`. Left out: if it asks for one."),
    ]

    private static let http: [Field] = [
        Field(
            "host", .scalar(.formed(.host)),
            "A host name, or `*` and a dot before one for all hosts below it, or `*` for any.",
            isRequired: true),
        .choice("scheme", HTTPGrant.schemes, nil, "Left out: as the plugin asks."),
        Field("ports", .list(of: .scalar(.int(1...65535))), "Left out: as the plugin asks."),
        Field("methods", .list(of: .scalar(.formed(.method))), "Left out: as the plugin asks."),
        Field(
            "internal", .scalar(.bool), "Whether the host may be at a private, link-local or loopback address.",
            standard: false),
    ]

    static let programsSection = Field(
        "programs", .dictionary(of: .map(program), placeholder: "PROGRAM"),
        "Programs that plugins with the grant may run, by the name they use. Each runs in a sandbox of its own, without"
            + " network.", effect: .active)

    private static let program: [Field] = [
        Field(
            "path", .scalar(.formed(.path)), "The program's file.", isRequired: true),
        Field("arguments", .list(of: .scalar(.text)), "Arguments that always come first."),
        Field(
            "read", .list(of: .scalar(.formed(.path))),
            "Files and folders that it may read, besides `/usr`, which every program sees, and its own file."),
        Field(
            "timeout", .scalar(.duration(.milliseconds(10) ... .seconds(3600), words: [])),
            "The longest it may run; a call's own deadline comes first.", standard: "60s"),
        .whole("memory_mb", 16...1_048_576, 1024, "Address space of each of its processes, in MiB."),
    ]
}

extension ScalarType.Form {
    static let tool = Self("tool", expectation: "\"publisher/name.tool\" or \"publisher/name.*\"") { isToolPattern($0) }
    static let endpoint = Self("host:port", expectation: "\"host:port\"") { Endpoint($0) != nil }
    static let program = Self("program name", expectation: "a program's name of a-z, 0-9, '_' and '-'") {
        isProgramName($0)
    }
    static let secret = Self("secret name", expectation: "a secret's name of letters, digits and '_'") {
        isSecretName($0)
    }
    static let host = Self("host", expectation: "a host name, \"*.example.com\" or \"*\"") { isHostPattern($0) }
    static let method = Self("method", expectation: "a method in upper case such as GET") { isHTTPMethod($0) }
    static let path = Self("absolute path", expectation: "an absolute path") {
        $0.hasPrefix("/") && !$0.utf8.contains(0) && $0.utf8.count < 4096
    }
}

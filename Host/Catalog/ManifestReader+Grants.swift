// SPDX-License-Identifier: Apache-2.0
// ManifestReader+Grants: the member "grants" of a manifest: what a plugin asks for. Asking is free: the operator decides.

import CorralBase

extension Limits {
    /// Entries of one kind of grant; a plugin that needs more needs a pattern.
    package static let grantsPerKindMax = 256
}

extension ManifestReader {
    mutating func grants(_ object: JSONObject) -> Grants {
        guard let value = object["grants"], !value.isNull else { return Grants() }
        guard let grants = value.objectValue else {
            mistake("grants", "expected an object, got \(value.typeName)")
            return Grants()
        }
        return Grants(
            tools: names(grants, "tools", "\"publisher/name.tool\" or \"publisher/name.*\"", isToolPattern),
            http: http(grants), connect: endpoints(grants),
            process: names(grants, "process", "a program's name, [a-z][a-z0-9_-]{0,63}", isProgramName),
            secrets: names(grants, "secrets", "a secret's name, [A-Za-z_][A-Za-z0-9_]{0,63}", isSecretName),
            memory: flag(grants, "memory", in: "grants."), storage: flag(grants, "storage", in: "grants."))
    }

    private mutating func names(
        _ grants: JSONObject, _ kind: String, _ expected: String, _ isValid: (String) -> Bool
    ) -> [String] {
        let names = texts(grants, kind, in: "grants.")
        guard fits(names.count, kind) else { return [] }
        for (index, name) in names.enumerated() where !isValid(name) {
            mistake("grants.\(kind)[\(index)]", "expected \(expected), got \"\(name.prefix(80))\"")
        }
        return names
    }

    private mutating func endpoints(_ grants: JSONObject) -> [Endpoint] {
        let texts = texts(grants, "connect", in: "grants.")
        guard fits(texts.count, "connect") else { return [] }
        return texts.enumerated().compactMap { index, text in
            if let endpoint = Endpoint(text) { return endpoint }
            mistake("grants.connect[\(index)]", "expected \"host:port\", got \"\(text.prefix(80))\"")
            return nil
        }
    }

    private mutating func http(_ grants: JSONObject) -> [HTTPGrant] {
        guard let value = grants["http"], !value.isNull else { return [] }
        guard let list = value.arrayValue else {
            mistake("grants.http", "expected a list, got \(value.typeName)")
            return []
        }
        guard fits(list.count, "http") else { return [] }
        return list.enumerated().compactMap { index, item in
            let place = "grants.http[\(index)]"
            guard let grant = item.objectValue else {
                mistake(place, "expected an object {\"host\", \"ports\", \"methods\"}, got \(item.typeName)")
                return nil
            }
            return HTTPGrant(
                host: host(grant, place + "."), scheme: scheme(grant, place + "."),
                ports: ports(grant, place + ".ports"), methods: methods(grant, place + "."))
        }
    }

    private mutating func host(_ grant: JSONObject, _ place: String) -> String {
        guard let text = required(grant, "host", in: place) else { return "" }
        if !isHostPattern(text) {
            mistake(
                place + "host", "expected a host name, \"*.example.com\" or \"*\", got \"\(text.prefix(80))\"")
        }
        return text.lowercased()
    }

    private mutating func scheme(_ grant: JSONObject, _ place: String) -> String {
        guard let text = text(grant, "scheme", in: place) else { return HTTPGrant.schemes[0] }
        if !HTTPGrant.schemes.contains(text) {
            mistake(place + "scheme", "expected https, http, smtps or smtp, got \"\(text.prefix(40))\"")
        }
        return text
    }

    private mutating func ports(_ grant: JSONObject, _ place: String) -> [UInt16]? {
        guard let value = grant["ports"], !value.isNull else { return nil }
        let numbers = value.arrayValue?.map { $0.intValue.flatMap { UInt16(exactly: $0) } ?? 0 } ?? [0]
        if numbers.contains(0) { mistake(place, "expected a list of ports, 1 to 65535") }
        return numbers
    }

    private mutating func methods(_ grant: JSONObject, _ place: String) -> [String]? {
        guard grant["methods"] != nil else { return nil }
        let methods = texts(grant, "methods", in: place, isRequired: true)
        for method in methods where !isHTTPMethod(method) {
            mistake(place + "methods", "expected methods such as \"GET\" in upper case, got \"\(method.prefix(40))\"")
        }
        return methods
    }

    private mutating func fits(_ count: Int, _ kind: String) -> Bool {
        if count <= Limits.grantsPerKindMax { return true }
        mistake("grants.\(kind)", "\(count) entries, at most \(Limits.grantsPerKindMax) are allowed")
        return false
    }
}

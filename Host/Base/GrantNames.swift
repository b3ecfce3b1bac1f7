// SPDX-License-Identifier: Apache-2.0
// GrantNames: what may stand in a grant: names of hosts, tools, programs and secrets, the same in manifests, sidecars and
// the operator's policy.

/// Whether a text can be a DNS name or an IP address: what the resolver gets must not hold surprises.
package func isHostName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasPrefix("."), !text.hasSuffix(".") else {
        return false
    }
    let isAddress = text.contains(":")
    return !text.contains("..")
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "_"): !isAddress
            case UInt8(ascii: ":"): isAddress
            default: false
            }
        }
}

/// Whether a text can name a secret: `[A-Za-z_][A-Za-z0-9_]{0,63}`, as an environment variable.
package func isSecretName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9")),
        text.utf8.count <= 64
    else { return false }
    return text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Whether a text can name a program: `[a-z][a-z0-9_-]{0,63}`.
package func isProgramName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z"), text.utf8.count <= 64
    else { return false }
    return text.utf8.allSatisfy { byte in
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}

/// `[a-z][a-z0-9_]{0,63}`.
package func isToolName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z"), name.utf8.count <= 64
    else { return false }
    return name.utf8.allSatisfy { byte in
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            || byte == UInt8(ascii: "_")
    }
}

/// `publisher/name.tool` or `publisher/name.*`.
package func isToolPattern(_ text: String) -> Bool {
    guard let dot = text.lastIndex(of: ".") else { return false }
    let tool = String(text[text.index(after: dot)...])
    return (tool == "*" || isToolName(tool)) && (try? PluginID(String(text[..<dot]))) != nil
}

/// `api.example.com`, `*.example.com`, `*` or an IP address.
package func isHostPattern(_ text: String) -> Bool {
    text == "*" || isHostName(text.hasPrefix("*.") ? String(text.dropFirst(2)) : text)
}

/// A method in upper case (RFC 9110 §9.1 knows others; no server that matters does).
package func isHTTPMethod(_ text: String) -> Bool {
    (1...20).contains(text.utf8.count)
        && text.utf8.allSatisfy { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }
}

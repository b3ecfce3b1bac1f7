// SPDX-License-Identifier: Apache-2.0
// ParsedURL: an address as libcurl reads it, which is as libcurl will connect to it. There is no other parser in here.

import CCurl
import CorralBase
import CorralWire

/// Owns a CURLU handle.
final class ParsedURL {
    private let handle: OpaquePointer

    /// Only http and https, a host that is a `NetworkHost`, no user and password inside.
    /// - Throws: `url_invalid`.
    init(_ text: String) throws(CorralError) {
        guard let handle = curl_url() else { throw .urlInvalid("no memory") }
        self.handle = handle
        try set(text)
    }

    private init(copying handle: OpaquePointer) { self.handle = handle }

    deinit { curl_url_cleanup(handle) }

    private func set(_ text: String) throws(CorralError) {
        guard !text.utf8.contains(0) else { throw .urlInvalid("it has a NUL character inside") }
        let status = curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER))
        guard status == CURLUE_OK else { throw .urlInvalid(String(cString: curl_url_strerror(status))) }
        _ = try readOrigin()
    }

    /// Where a `Location` leads, seen from here.
    func following(_ location: String) throws(CorralError) -> ParsedURL {
        guard let copy = curl_url_dup(handle) else { throw .urlInvalid("no memory") }
        let target = ParsedURL(copying: copy)
        try target.set(location)
        return target
    }

    /// - Throws: `url_invalid` for a scheme or a host that nothing here may be done with.
    func readOrigin() throws(CorralError) -> NetworkOrigin {
        guard let scheme = part(CURLUPART_SCHEME).flatMap({ URLScheme(rawValue: $0.lowercased()) }), !scheme.isMail
        else {
            throw .urlInvalid("only http and https can be requested")
        }
        guard let host = part(CURLUPART_HOST).flatMap({ NetworkHost($0) }) else {
            throw .urlInvalid("its host is no plain name or address")
        }
        guard let port = part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap({ UInt16($0) }), port > 0 else {
            throw .urlInvalid("its port is none")
        }
        guard part(CURLUPART_ZONEID) == nil else { throw .urlInvalid("an address with a zone cannot be requested") }
        return NetworkOrigin(scheme: scheme, host: host, port: port)
    }

    /// The whole address without the fragment.
    var text: String {
        curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
        return part(CURLUPART_URL) ?? ""
    }

    private func part(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(validatingCString: text)
    }
}

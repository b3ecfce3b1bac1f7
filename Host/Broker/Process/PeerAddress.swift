// SPDX-License-Identifier: Apache-2.0
// PeerAddress: what lies behind an address, decided from the bytes that the socket is about to connect to. Deciding here,
// on the very sockaddr and after the name was resolved, leaves no second look-up that could answer differently.

import CorralWire
import Glibc

/// An address as bytes in network order: 4 or 16 of them.
struct PeerAddress: Hashable, CustomStringConvertible {
    enum Realm: String {
        case open = "public"
        case loopback
        case inside = "private"
        case linkLocal = "link-local"
        case metadata = "cloud metadata"
        case multicast
        case unspecified
        case reserved
    }

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Nil for another family than IPv4 and IPv6.
    init?(_ address: UnsafeRawBufferPointer) {
        guard address.count >= MemoryLayout<sa_family_t>.size else { return nil }
        switch Int32(address.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where address.count >= MemoryLayout<sockaddr_in>.size: bytes = Array(address[4..<8])
        case AF_INET6 where address.count >= MemoryLayout<sockaddr_in6>.size: bytes = Array(address[8..<24])
        default: return nil
        }
    }

    /// The address that a host names, nil for a name.
    init?(_ host: NetworkHost) {
        guard host.isAddress else { return nil }
        let isLong = host.text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isLong ? 16 : 4)
        guard inet_pton(isLong ? AF_INET6 : AF_INET, host.text, &bytes) == 1 else { return nil }
        self.bytes = bytes
    }

    var description: String {
        var buffer = [CChar](repeating: 0, count: 64)
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func isReachable(_ reach: NetworkReach) -> Bool {
        switch (realm, reach) {
        case (.open, _), (.loopback, .inside), (.inside, .inside), (.linkLocal, .inside): true
        case (.multicast, _), (.unspecified, _): false
        case (_, .named): true
        default: false
        }
    }

    var realm: Realm {
        if bytes.count == 4 { return Self.realm(v4: bytes) }
        return Self.realm(v6: bytes)
    }

    // MARK: The registries

    /// IANA IPv4 Special-Purpose Address Registry (RFC 6890 and updates), read as: what is not globally reachable is
    /// not public.
    private static func realm(v4 a: [UInt8]) -> Realm {
        // The metadata services of AWS, Google, Azure, DigitalOcean, and of Alibaba and Oracle.
        if a == [169, 254, 169, 254] || a == [169, 254, 170, 2] || a == [100, 100, 100, 200] || a == [192, 0, 0, 192] {
            return .metadata
        }
        // Azure's platform address is public by its number.
        if a == [168, 63, 129, 16] { return .metadata }
        switch (a[0], a[1], a[2]) {
        case (0, _, _): return a == [0, 0, 0, 0] ? .unspecified : .reserved
        case (127, _, _): return .loopback
        case (10, _, _), (172, 16...31, _), (192, 168, _): return .inside
        case (100, 64...127, _): return .inside
        case (169, 254, _): return .linkLocal
        case (192, 0, 0), (192, 0, 2), (198, 18...19, _), (198, 51, 100), (203, 0, 113), (192, 88, 99): return .reserved
        case (224...239, _, _): return .multicast
        case (240...255, _, _): return .reserved
        default: return .open
        }
    }

    /// IANA IPv6 Special-Purpose Address Registry. Addresses that carry an IPv4 address are judged by that one too,
    /// because a translator on the way may unpack them.
    private static func realm(v6 a: [UInt8]) -> Realm {
        if a.allSatisfy({ $0 == 0 }) { return .unspecified }
        if a[..<15].allSatisfy({ $0 == 0 }) && a[15] == 1 { return .loopback }
        // fd00:ec2::254 (AWS), fd20:ce::254 (Google).
        let metadata: [[UInt8]] = [[0xFD, 0, 0x0E, 0xC2], [0xFD, 0x20, 0, 0xCE]]
        if metadata.contains(Array(a[..<4])), Array(a[4...]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54] {
            return .metadata
        }
        if let inner = carried(a) {
            let realm = realm(v4: inner)
            return realm == .open ? .reserved : realm
        }
        switch (a[0], a[1]) {
        case (0xFF, _): return .multicast
        case (0xFE, 0x80...0xBF): return .linkLocal
        // fec0::/10, the old site-local range.
        case (0xFE, 0xC0...0xFF): return .inside
        case (0xFC...0xFD, _): return .inside
        case (0x20...0x3F, _): return globalUnicast(a)
        default: return .reserved
        }
    }

    /// 2000::/3 without its reserved parts.
    private static func globalUnicast(_ a: [UInt8]) -> Realm {
        // 2001::/23 (protocol assignments, among them ORCHID and benchmarks), 2001:db8::/32 and 3fff::/20 (documents).
        if a[0] == 0x20, a[1] == 0x01, a[2] < 0x02 { return .reserved }
        if a[0] == 0x20, a[1] == 0x01, a[2] == 0x0D, a[3] == 0xB8 { return .reserved }
        if a[0] == 0x3F, a[1] == 0xFF, a[2] < 0x10 { return .reserved }
        return .open
    }

    /// The IPv4 address inside: mapped (::ffff:0:0/96), compatible (::/96), translated (::ffff:0:0:0/96 and
    /// 64:ff9b::/96, 64:ff9b:1::/48), 6to4 (2002::/16), Teredo (2001::/32, its client inverted).
    private static func carried(_ a: [UInt8]) -> [UInt8]? {
        if a[..<10].allSatisfy({ $0 == 0 }), a[10] == 0xFF, a[11] == 0xFF { return Array(a[12...]) }
        if a[..<12].allSatisfy({ $0 == 0 }) { return Array(a[12...]) }
        if a[..<8].allSatisfy({ $0 == 0 }), a[8] == 0xFF, a[9] == 0xFF, a[10] == 0, a[11] == 0 {
            return Array(a[12...])
        }
        if a[..<4] == [0x00, 0x64, 0xFF, 0x9B] { return Array(a[12...]) }
        if a[0] == 0x20, a[1] == 0x02 { return Array(a[2..<6]) }
        if a[..<4] == [0x20, 0x01, 0x00, 0x00] { return a[12...].map { ~$0 } }
        return nil
    }
}

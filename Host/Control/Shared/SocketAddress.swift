// SPDX-License-Identifier: Apache-2.0
// SocketAddress: binds and connects Unix sockets whose path may be longer than the 107 bytes that sockaddr_un holds
// (unix(7)): a long one is reached through a descriptor of its folder, as /proc/self/fd/N/name.

import Glibc

package enum SocketAddress {
    /// Room for the path in `sockaddr_un`, without its NUL.
    package static let pathBytesMax = 107

    /// Calls `use` with the address of `path`.
    /// - Returns: what `use` returns, or a negative errno when the path cannot be made into an address.
    package static func with(
        _ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        if path.utf8.count <= pathBytesMax { return withShort(path, use) }
        let (folder, name) = split(path)
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return -errno }
        defer { close(descriptor) }
        return withShort("/proc/self/fd/\(descriptor)/\(name)", use)
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private static func withShort(
        _ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        guard path.utf8.count <= pathBytesMax else { return -ENAMETOOLONG }
        guard !path.isEmpty, !path.utf8.contains(0) else { return -EINVAL }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (index, byte) in path.utf8.enumerated() { room[index] = byte }
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                use(generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

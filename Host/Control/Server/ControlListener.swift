// SPDX-License-Identifier: Apache-2.0
// ControlListener: the listening socket in the home. Only its owner may open it, and whom the operator lets in besides, by
// its mode from the first moment on and by the kernel's word about every peer.

import CorralBase
import CorralControl
import CorralWire
import Glibc

enum ControlListener {
    /// Listens at `path`. A socket that an earlier host left there is removed: the caller holds the home's lock, so
    /// nobody listens on it.
    /// - Throws: `control_socket_failed`.
    static func open(_ path: String, _ access: ControlAccess) throws -> Int32 {
        try removeStale(path)
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(kind), 0)
        guard descriptor >= 0 else { throw CorralError.controlSocketFailed("create", path, errorText(errno)) }
        // The mode of an unbound socket becomes the mode of the file that bind makes: there is no moment with more than that.
        let status = SocketAddress.with(path) { address, length in
            guard fchmod(descriptor, 0o600) == 0, bind(descriptor, address, length) == 0,
                listen(descriptor, 128) == 0
            else { return -errno }
            return 0
        }
        guard status == 0, share(path, access) else {
            let number = status == 0 ? errno : -status
            close(descriptor)
            throw CorralError.controlSocketFailed("listen on", path, errorText(number))
        }
        return descriptor
    }

    /// Lets others in who may come. The group goes first: a group that should not have it never does.
    private static func share(_ path: String, _ access: ControlAccess) -> Bool {
        if case .group(let group) = access, chown(path, uid_t.max, group) != 0 { return false }
        return access == .owner || chmod(path, access.mode) == 0
    }

    private static func removeStale(_ path: String) throws {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK else {
            throw CorralError.controlSocketFailed("replace", path, "something that is no socket is in its place")
        }
        guard unlink(path) == 0 else { throw CorralError.controlSocketFailed("replace", path, errorText(errno)) }
    }

    /// Who connected, from SO_PEERCRED (unix(7)): the peer's ids when it called connect.
    static func credentials(of descriptor: Int32) -> (pid: Int32, uid: UInt32)? {
        // struct ucred {pid_t pid; uid_t uid; gid_t gid}, which Swift's Glibc leaves out.
        var peer: (pid: Int32, uid: UInt32, gid: UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: peer))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else { return nil }
        return (peer.pid, peer.uid)
    }
}

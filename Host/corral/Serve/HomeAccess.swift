// SPDX-License-Identifier: Apache-2.0
// HomeAccess: lets others come to the control socket when the operator says so. They may pass through the home and see
// nothing of it: what lies there has modes of its own.

import CorralBase
import CorralConfig
import CorralControlServer
import CorralHome
import Glibc
import Logging

extension ControlAccess {
    /// - Throws: `control_group_unknown`.
    init(_ configuration: LoadedConfiguration) throws(CorralError) {
        switch configuration.controlAccess {
        case .owner: self = .owner
        case .everyone: self = .everyone
        case .group:
            guard let name = configuration.controlGroup else { throw .controlGroupMissing() }
            guard let number = Self.number(ofGroup: name) else { throw .controlGroupUnknown(name) }
            self = .group(number)
        }
    }

    private static func number(ofGroup name: String) -> UInt32? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        // getgrnam(3): a group with thousands of members is long.
        var buffer = [CChar](repeating: 0, count: 1 << 20)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}

extension Home {
    /// The store has made the home private; who may come to the socket may pass through it and no more.
    /// - Throws: `home_not_shared`.
    func open(to access: ControlAccess, _ log: Logger) throws(CorralError) {
        let mode: mode_t
        switch access {
        case .owner: return
        case .everyone: mode = 0o711
        case .group(let group):
            guard chown(path, uid_t.max, group) == 0 else { throw .homeNotShared(path, errno) }
            mode = 0o710
        }
        guard chmod(path, mode) == 0 else { throw .homeNotShared(path, errno) }
        if let folder = Reach.obstacle(on: path) {
            log.warning("others cannot come to the control socket: they cannot enter \"\(folder)\"")
        }
    }
}

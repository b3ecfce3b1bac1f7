// SPDX-License-Identifier: Apache-2.0
// CheckScratch: folders for plugins that ask for one, each used by one worker or by some in a row, gone with the rig.

import CorralBase
import Foundation
import Synchronization

final class CheckScratch: Sendable {
    private let root = Mutex<String?>(nil)
    private let count = Mutex(0)

    /// - Throws: `check_unavailable`.
    func folder() throws(CorralError) -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let root = root.withLock { root in
            let path = root ?? FileManager.default.temporaryDirectory.path() + "corral-check-\(UUID().uuidString)"
            root = path
            return path
        }
        let folder = "\(root)/\(number)"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .checkUnavailable("no folder can be made: \(error.localizedDescription)") }
        return folder
    }

    deinit {
        if let path = root.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }
}

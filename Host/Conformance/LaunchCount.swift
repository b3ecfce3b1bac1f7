// SPDX-License-Identifier: Apache-2.0
// LaunchCount: numbers the workers of one rig, so that `ps` and logs tell them apart.

import Synchronization

final class LaunchCount: Sendable {
    private let value = Mutex<UInt32>(0)

    var current: UInt32 { value.withLock { $0 } }
    func advance() { value.withLock { $0 &+= 1 } }
}

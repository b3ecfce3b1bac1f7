// SPDX-License-Identifier: Apache-2.0
// Limits+Noticing: how far the record of noticed changes may lag behind the catalogue.

import CorralBase

extension Limits {
    /// Snapshots that wait to be compared. One that is left out is contained in the next of its folder.
    static let snapshotsUnseenMax = 256
}

// SPDX-License-Identifier: Apache-2.0
// OwnedDescriptor: a descriptor on its way from whoever opened it to whoever gets it, closed wherever that way ends.

import Glibc

/// A descriptor that is closed when nobody holds it any more.
package final class OwnedDescriptor: Sendable {
    package let number: Int32
    package init(_ number: Int32) { self.number = number }
    deinit { if number >= 0 { close(number) } }
}

// SPDX-License-Identifier: Apache-2.0
// CanonicalArguments: the arguments of a call as they are compared: order of members and form of numbers do not count.

import CorralBase
import CorralStore

package enum CanonicalArguments {
    /// SHA-256, hexadecimal; of the bytes as they are when they are no JSON.
    package static func hash(_ body: [UInt8]) -> String {
        ContentHash(of: (try? JSON(parsing: body))?.bytes(.canonical) ?? body).hex
    }
}

// SPDX-License-Identifier: Apache-2.0
// SupervisionErrors: every error text of this module.

import CorralBase
import CorralWire

extension ErrorCode {
    package static let laneFailed = ErrorCode(320, "lane_failed")
}

extension CorralError {
    package static func laneFailed(_ what: String, _ number: Int32) -> CorralError {
        CorralError(
            .laneFailed, "the system gives the host no further \(what)",
            hint: "raise the limits of open files and threads (`ulimit -n -u`), or run fewer tenants on this machine",
            cause: errorText(number))
    }
}

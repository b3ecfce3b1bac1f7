// SPDX-License-Identifier: Apache-2.0

/// What a market agent tells the person whose data it cannot use: the reason with the offending value, and what to do.
package struct DataFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Lower case, the value quoted.
    package let message: String
    /// An input to set or a change to the file.
    package let hint: String

    package init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }

    package var description: String { "\(message) (hint: \(hint))" }
}

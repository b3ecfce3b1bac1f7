// SPDX-License-Identifier: Apache-2.0
// Program: a program of the operator's that plugins may run by name.

package struct Program: Sendable, Hashable {
    /// Absolute.
    package var path: String
    /// What always comes before a plugin's own arguments.
    package var arguments: [String]
    /// Absolute paths that it may read, besides what any program needs.
    package var readable: [String]
    package var timeout: Duration
    package var memoryBytes: UInt64

    package init(
        path: String, arguments: [String] = [], readable: [String] = [], timeout: Duration = .seconds(60),
        memoryBytes: UInt64 = 1 << 30
    ) {
        self.path = path
        self.arguments = arguments
        self.readable = readable
        self.timeout = timeout
        self.memoryBytes = memoryBytes
    }
}

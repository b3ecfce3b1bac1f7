// SPDX-License-Identifier: Apache-2.0
// ErrorCode: the stable identity of an error. People search for it, `corral explain` has a page for it, scripts match it.

/// A stable error identity, printed as `CRL-0312`. Every code is declared once, as a static member in the
/// `…Errors.swift` file of the module that raises it, and has a page `docs/errors/CRL-nnnn.md`.
///
/// Ranges: 00 base, 01 expression, 02 flow, 03 wire, spawner and workers, 04 catalogue, 05 configuration, 06 store,
/// 07 engine, pipeline and services, 08 control and command line, 09 raised by plugins.
package struct ErrorCode: Hashable, Sendable, Codable {
    package let number: Int
    /// The machine name used in JSON and in a flow's `retry.on`, for example `plugin_crashed`.
    package let name: String

    package init(_ number: Int, _ name: String) {
        self.number = number
        self.name = name
    }

    /// `CRL-` and four digits.
    package var text: String {
        let digits = String(number)
        return "CRL-" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

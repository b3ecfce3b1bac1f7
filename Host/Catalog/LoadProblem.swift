// SPDX-License-Identifier: Apache-2.0
// LoadProblem: why a worker could not load a library, once for the probe and for every later load, so that both say it
// in the same words.

import CorralBase

package struct LoadProblem: Sendable, Hashable {
    package enum Reason: String, Sendable, Codable {
        case cannotOpen, missingDependency, noEntryPoint, refusedByPlugin, wrongABI, manifestDiffers
        case manifestTooLarge, missingExtension, activationFailed, missingSymbol, badSignature, badDescriptor
        /// The process ended while loading; the detail says how.
        case crashed
        /// No answer in time; the process was killed.
        case hung
    }

    package var reason: Reason
    /// For people; may quote the loader or the plugin.
    package var detail: String

    package init(_ reason: Reason, detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// The error for a library at `source`.
    package func error(source: String) -> CorralError { .loadProblem(self, source: source) }
}

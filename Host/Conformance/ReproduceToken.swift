// SPDX-License-Identifier: Apache-2.0
// ReproduceToken: names one fuzz case, as text that fits into a bug report: `fuzz-5eed-17`, or with a tool
// `fuzz-5eed-17-mean`.

import CorralBase

package struct ReproduceToken: Sendable, Hashable, CustomStringConvertible {
    package var seed: UInt64
    package var index: Int
    /// The tool's name; empty for an agent.
    package var method: String

    package init(seed: UInt64, index: Int, method: String) {
        self.seed = seed
        self.index = index
        self.method = method
    }

    /// - Throws: `reproduce_invalid`.
    package init(_ text: String) throws(CorralError) {
        let parts = text.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "fuzz", let seed = UInt64(parts[1], radix: 16),
            let index = Int(parts[2]), index >= 0
        else { throw .reproduceInvalid(text, "it is not of the form fuzz-SEED-NUMBER") }
        self.init(seed: seed, index: index, method: parts.count > 3 ? String(parts[3]) : "")
    }

    package var description: String {
        "fuzz-\(String(seed, radix: 16))-\(index)" + (method.isEmpty ? "" : "-\(method)")
    }
}

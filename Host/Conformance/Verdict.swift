// SPDX-License-Identifier: Apache-2.0
// Verdict: what one check found, in a sentence a person can act on.

package enum Verdict: Sendable, Hashable {
    /// With what was measured or seen, which may be empty.
    case passed(String)
    case failed(String)
    /// Why it says nothing about this plugin.
    case skipped(String)

    package var state: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .skipped: "skipped"
        }
    }

    package var words: String {
        switch self {
        case .passed(let words), .failed(let words), .skipped(let words): words
        }
    }

    package var isFailure: Bool {
        if case .failed = self { true } else { false }
    }
}

/// Thrown inside a check to end it with a failure.
struct Fault: Error {
    let words: String
    init(_ words: String) { self.words = words }
}

/// One check's result.
package struct CheckResult: Sendable, Hashable {
    package var check: Check
    package var verdict: Verdict
    package var duration: Duration
    /// Runs the failing case alone: `corral plugin check LIBRARY --reproduce TOKEN`.
    package var token: String?
}

// SPDX-License-Identifier: Apache-2.0
// Check: the names behind `corral plugin check`. A name is part of the interface: CI configurations list them and
// docs/plugins/check.md has a paragraph for each (a test compares).

/// What is looked at. In the order of running: what a later one needs, an earlier one has shown.
package enum Check: String, Sendable, CaseIterable {
    case entry
    case exports
    case manifest
    case sameManifest = "same-manifest"
    case otherABI = "other-abi"
    case shortHost = "short-host"
    case newerHost = "newer-host"
    case extensions
    case lifeCycle = "life-cycle"
    case sample
    case badInput = "bad-input"
    case afterError = "after-error"
    case cancellation
    case deadline
    case concurrency
    case environment
    case silence
    case leaks
    case fuzz

    /// What holds when it passes.
    package var claim: String {
        switch self {
        case .entry: "loads, and its entry point answers within a second"
        case .exports: "exports its entry point and nothing else"
        case .manifest: "states a valid manifest with valid JSON schemas"
        case .sameManifest: "states the same manifest in every process"
        case .otherABI: "does not pass for a plugin of another ABI version"
        case .shortHost: "reads no host function beyond the host's own size"
        case .newerHost: "loads in a later host that knows more functions"
        case .extensions: "answers NULL to ids it does not provide"
        case .lifeCycle: "activates, serves, deactivates and lets the process end"
        case .sample: "answers the sample input with JSON of its output schema"
        case .badInput: "survives input that no schema allows"
        case .afterError: "serves as before after many calls that failed"
        case .cancellation: "stops when its call is cancelled, before or during"
        case .deadline: "is over soon after its deadline"
        case .concurrency: "gives the same answers to many calls at once"
        case .environment: "leaves the process as it found it"
        case .silence: "writes nothing to standard output and error"
        case .leaks: "holds memory, descriptors and threads level over many calls"
        case .fuzz: "survives random changes of its sample input"
        }
    }

    /// What a rebuild in `corral dev` waits for: the few that take no time.
    package static let quick: [Check] = [.entry, .exports, .manifest, .sample]
}

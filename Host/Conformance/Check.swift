// SPDX-License-Identifier: Apache-2.0
// Check: the names behind `corral plugin check`. A name is part of the interface: CI configurations list them and
// docs/plugins/check.md has a paragraph for each (a test compares).

import CorralBase

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
    case scanFindings = "scan-findings"
    case scanBorders = "scan-borders"
    case scanLinear = "scan-linear"
    case judgeScores = "judge-scores"
    case memoryKeep = "memory-keep"
    case memoryApart = "memory-apart"
    case memoryExpiry = "memory-expiry"
    case memorySearch = "memory-search"
    case memoryPages = "memory-pages"
    case memoryForget = "memory-forget"
    case memoryLasts = "memory-lasts"
    case notifierFailure = "notifier-failure"
    case tracerReceipt = "tracer-receipt"

    /// The kind of plugin it is about; nil for those of all plugins. Of a plugin that is not of that kind it says nothing.
    package var kind: PluginKind? {
        switch self {
        case .scanFindings, .scanBorders, .scanLinear: .scanner
        case .judgeScores: .judge
        case .memoryKeep, .memoryApart, .memoryExpiry, .memorySearch, .memoryPages, .memoryForget, .memoryLasts:
            .memory
        case .notifierFailure: .notifier
        case .tracerReceipt: .tracer
        default: nil
        }
    }

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
        case .scanFindings: "scanner: its findings are where they say they are, ordered and redacted"
        case .scanBorders: "scanner: finds the same wherever it stands, and whatever stands beside it"
        case .scanLinear: "scanner: takes time linear in the size of hostile texts"
        case .judgeScores: "judge: gives each criterion one score from 1 to 10, or abstains and says why"
        case .memoryKeep: "memory: gives back what was put, and replaces by key"
        case .memoryApart: "memory: keeps namespaces and layers apart"
        case .memoryExpiry: "memory: what has expired by the host's clock does not exist"
        case .memorySearch: "memory: ranks by words, takes any query, keeps to limit and tags"
        case .memoryPages: "memory: lists everything once, newest first, page by page"
        case .memoryForget: "memory: forgets what it is told to, and counts it"
        case .memoryLasts: "memory: has after a crash what it had confirmed"
        case .notifierFailure: "notifier: claims no delivery that failed, and says when to try again"
        case .tracerReceipt: "tracer: takes batches of any size, and rejects no more than it was given"
        }
    }

    /// What a rebuild in `corral dev` waits for: the few that take no time.
    package static let quick: [Check] = [.entry, .exports, .manifest, .sample]
}

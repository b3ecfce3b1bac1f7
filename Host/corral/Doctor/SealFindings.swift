// SPDX-License-Identifier: Apache-2.0
// SealFindings: whether tenants' journals are sealed, and whether the keys that open them are where only their owner reads
// them.

import CorralBase
import CorralConfig
import CorralHome
import CorralStore
import Foundation

struct SealFindings {
    let home: Home

    /// Tenants that get a line of their own when all is well with them.
    private static let namedMax = 20

    var findings: [Finding] {
        let keys = keyFolder
        let states = SealExamination.states(home: home.path, keys: keys)
        let isShort = states.count <= Self.namedMax
        let lines = states.filter { isShort || $0.problem != nil || $0.journal != .sealed }.map(finding)
        return [summary(states, keys)] + lines
    }

    /// As the host will find it; the home's own when the configuration cannot be read, which has a line of its own.
    private var keyFolder: KeyFolder {
        let environment = ConfigurationEnvironment(variables: ProcessInfo.processInfo.environment)
        let configuration = try? Configuration.load(directory: home.project, environment: environment)
        return configuration?.keysFolder.map { KeyFolder(path: $0) } ?? KeyFolder(home: home.path)
    }

    private func summary(_ states: [SealState], _ keys: KeyFolder) -> Finding {
        let sealed = states.count { $0.journal == .sealed }
        let isGood = states.allSatisfy { $0.problem == nil }
        let detail = states.isEmpty ? "none yet; the first run makes a key" : "\(sealed) of \(states.count) sealed"
        return Finding(topic: "journals", state: isGood ? .good : .bad, detail: "\(detail); keys in \(keys.path)")
    }

    private func finding(_ state: SealState) -> Finding {
        let topic = "journal \(state.tenant)"
        if let problem = state.problem {
            return Finding(topic: topic, state: .bad, detail: problem.message, fix: problem.hint)
        }
        switch state.journal {
        case .none: return Finding(topic: topic, state: .good, detail: "nothing written yet")
        case .plain:
            return Finding(
                topic: topic, state: .warning, detail: "not sealed: an older version wrote it",
                fix: "corral runs list --tenant \(state.tenant), which opens and seals it")
        case .unreadable(let cause):
            return Finding(
                topic: topic, state: .bad, detail: "it cannot be read: \(cause)",
                fix: "corral runs list --tenant \(state.tenant) says more")
        case .sealed:
            return Finding(
                topic: topic, state: .good, detail: "sealed; its key \(state.keyPath) is there, private and right")
        }
    }
}

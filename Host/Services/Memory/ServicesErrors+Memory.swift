// SPDX-License-Identifier: Apache-2.0
// ServicesErrors+Memory: the error texts of the host service memory.

import CorralBase

extension ErrorCode {
    package static let memoryOff = ErrorCode(1020, "memory_off")
    package static let memoryNotShared = ErrorCode(1021, "memory_not_shared")
    package static let memoryBackendMissing = ErrorCode(1022, "memory_backend_missing")
    package static let memoryKeySensitive = ErrorCode(1023, "memory_key_sensitive")
}

extension CorralError {
    static func memoryOff() -> CorralError {
        CorralError(
            .memoryOff, "memory is switched off for this tenant", hint: "set memory.enabled: true in corral.yaml")
    }

    static func memoryNotShared(_ scope: String, agent: String) -> CorralError {
        CorralError(
            .memoryNotShared,
            "agent \"\(agent)\" may not use the memory of scope \"\(scope)\": agents do not share theirs",
            hint: "set memory.sharing.cross_agent: true in corral.yaml, or use the scope \"agent\"")
    }

    /// - Parameters:
    ///   - named: what `memory.backend` says.
    ///   - installed: the memory plugins that are there.
    package static func memoryBackendMissing(named: String?, installed: [String]) -> CorralError {
        guard let named else {
            return installed.isEmpty
                ? CorralError(
                    .memoryBackendMissing, "nothing can be remembered: no plugin of the kind memory is installed",
                    hint: "make install-plugins installs corral/memory-sqlite; corral plugin list")
                : CorralError(
                    .memoryBackendMissing,
                    "several plugins of the kind memory are installed: \(installed.joined(separator: ", "))",
                    hint: "choose one: memory: {backend: \(installed[0])}")
        }
        return CorralError(
            .memoryBackendMissing, "the memory backend \"\(named)\" is not installed",
            hint: didYouMean(named, among: installed) ?? "corral plugin list shows what is; correct memory.backend")
    }

    static func memoryKeySensitive(_ redacted: String) -> CorralError {
        CorralError(
            .memoryKeySensitive,
            "the key \"\(redacted.prefix(120))\" holds a sensitive value; redacted, it would meet others",
            hint: "use a name for the entry that says nothing of anyone, and put the rest into the text")
    }
}

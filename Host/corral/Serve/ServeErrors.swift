// SPDX-License-Identifier: Apache-2.0
// ServeErrors: why a host does not start.

import CorralBase
import Glibc

extension ErrorCode {
    package static let configurationHasMistakes = ErrorCode(831, "configuration_has_mistakes")
    package static let cacheUnwritable = ErrorCode(345, "cache_unwritable")
    package static let workerMissing = ErrorCode(832, "worker_missing")
    package static let controlGroupUnknown = ErrorCode(969, "control_group_unknown")
    package static let homeNotShared = ErrorCode(970, "home_not_shared")
}

extension CorralError {
    static func configurationHasMistakes(_ mistakes: DiagnosticsError) -> CorralError {
        let errors = mistakes.diagnostics.filter { $0.severity == .error }
        let count = errors.count == 1 ? "a mistake" : "\(errors.count) mistakes"
        return CorralError(
            .configurationHasMistakes, "the configuration has \(count)", hint: "corral config check",
            cause: "\n" + errors.map(\.description).joined(separator: "\n"))
    }

    static func cacheUnwritable(_ folder: String, _ number: Int32) -> CorralError {
        CorralError(
            .cacheUnwritable, "cannot make the folder \"\(folder)\" for copies of plugins",
            hint: "make it, owned by root and readable by all: install -d -m 755 \(folder)",
            cause: String(cString: strerror(number)))
    }

    static func workerMissing(_ path: String) -> CorralError {
        CorralError(
            .workerMissing, "the worker program \"\(path)\" is not there",
            hint: "build it with `make build`, or install Corral again")
    }

    static func controlGroupMissing() -> CorralError {
        CorralError(
            .controlGroupUnknown, "host.control.access is \"group\", and host.control.group names none",
            hint: "name the group in corral.yaml, or leave the access to its owner")
    }

    static func controlGroupUnknown(_ name: String) -> CorralError {
        CorralError(
            .controlGroupUnknown, "this system knows no group \"\(name)\" (host.control.group)",
            hint: "make it: groupadd \(name)")
    }

    static func homeNotShared(_ path: String, _ number: Int32) -> CorralError {
        CorralError(
            .homeNotShared, "cannot let others pass through \"\(path)\" to the control socket",
            hint: "be a member of the group, or run the host as root", cause: String(cString: strerror(number)))
    }
}

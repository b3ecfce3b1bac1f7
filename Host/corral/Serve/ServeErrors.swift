// SPDX-License-Identifier: Apache-2.0
// ServeErrors: why a host does not start.

import CorralBase
import Glibc

extension ErrorCode {
    package static let configurationHasMistakes = ErrorCode(831, "configuration_has_mistakes")
    package static let cacheUnwritable = ErrorCode(345, "cache_unwritable")
    package static let workerMissing = ErrorCode(832, "worker_missing")
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
}

// SPDX-License-Identifier: Apache-2.0
// HomeErrors: every error text of this module.

import CorralBase
import Glibc

extension ErrorCode {
    package static let homeUnusable = ErrorCode(551, "home_unusable")
    package static let homeUnsafe = ErrorCode(552, "home_unsafe")
    package static let homeLocked = ErrorCode(553, "home_locked")
    package static let installationIncomplete = ErrorCode(554, "installation_incomplete")
}

extension CorralError {
    static func homeUnusable(_ path: String, _ what: String, _ code: Int32) -> CorralError {
        CorralError(
            .homeUnusable, "cannot \(what) \"\(path)\"", hint: "name another home with `--home DIR` or CORRAL_HOME",
            cause: String(cString: strerror(code)))
    }

    static func homeNotFolder(_ path: String) -> CorralError {
        CorralError(
            .homeUnusable, "home \"\(path)\" is not a folder",
            hint: "name another home with `--home DIR` or CORRAL_HOME")
    }

    static func noPlaceForHome() -> CorralError {
        CorralError(
            .homeUnusable, "there is no place for a home: neither HOME nor XDG_DATA_HOME names a folder",
            hint: "name one with `--home DIR` or CORRAL_HOME")
    }

    static func writableByOthers(_ path: String, mode: UInt32) -> CorralError {
        let octal = String(mode, radix: 8)
        return CorralError(
            .homeUnsafe, "others can write to \"\(path)\" (mode \(octal)), and so could change what Corral runs",
            hint: "chmod \(mode & 0o002 == 0 ? "g-w" : "go-w") '\(path)'")
    }

    static func ownedByAnother(_ path: String, owner: UInt32) -> CorralError {
        CorralError(
            .homeUnsafe, "\"\(path)\" belongs to user \(owner), not to you (user \(geteuid()))",
            hint: "run Corral as its owner, or name a home of your own with `--home DIR`")
    }

    static func homeLocked(_ path: String, holder: Int32?) -> CorralError {
        let who = holder.map { "process \($0)" } ?? "another process"
        return CorralError(
            .homeLocked, "home \"\(path)\" is in use by \(who)",
            hint: holder.map { "stop it with `kill \($0)`, or use another home with `--home DIR`" }
                ?? "stop the other host, or use another home with `--home DIR`",
            isRetryable: true)
    }

    static func programsMissing(_ paths: [String], how: String) -> CorralError {
        CorralError(
            .installationIncomplete,
            "programs of Corral are missing: " + paths.map { "\"\($0)\"" }.joined(separator: ", "),
            hint: how)
    }

    static func unknownLayout(_ executable: String) -> CorralError {
        CorralError(
            .installationIncomplete, "\"\(executable)\" lies neither in a build folder nor in PREFIX/bin",
            hint: "run it where it was built or installed; a link to it is fine, a copy is not")
    }
}

// SPDX-License-Identifier: Apache-2.0
// AuthorErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let folderNotEmpty = ErrorCode(840, "folder_not_empty")
    package static let sdkMissing = ErrorCode(841, "sdk_missing")
    package static let pluginFolderUnknown = ErrorCode(842, "plugin_folder_unknown")
    package static let buildFailed = ErrorCode(843, "build_failed")
    package static let buildResultUnclear = ErrorCode(844, "build_result_unclear")
    package static let compilerMissing = ErrorCode(845, "compiler_missing")
    package static let pluginNotAdded = ErrorCode(846, "plugin_not_added")
    package static let sourcesUnwatched = ErrorCode(847, "sources_unwatched")
}

extension CorralError {
    // MARK: New

    static func folderNotEmpty(_ path: String) -> CorralError {
        CorralError(
            .folderNotEmpty, "\"\(path)\" exists and is not empty",
            hint: "name another folder with `--folder DIR`, or remove this one")
    }

    static func folderNotWritten(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .folderNotEmpty, "cannot write \"\(path)\"", hint: "name another folder with `--folder DIR`", cause: cause)
    }

    static func nameUnusable(_ id: String) -> CorralError {
        CorralError(
            .identifierInvalid,
            "plugin id \"\(id.prefix(80))\" is not allowed: publisher/name, each 1–64 lower-case letters, digits and '-', "
                + "starting with a letter or digit",
            hint: "for example `corral plugin new acme/greeter --kind agent --lang swift`")
    }

    static func sdkMissing(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .sdkMissing, "the SDK in \"\(path)\" cannot be used",
            hint: "`make install PREFIX=…` puts it beside `corral`; `corral doctor` shows which installation this is",
            cause: cause)
    }

    static func sdkPathUnusable(_ path: String) -> CorralError {
        CorralError(
            .sdkMissing, "the SDK lies in \"\(path)\", which build files cannot name",
            hint: "install Corral into a folder without quotes, '$', '#' and backslashes in its path")
    }

    // MARK: Build

    static func folderUnknown(_ path: String) -> CorralError {
        CorralError(
            .pluginFolderUnknown,
            "\"\(path)\" is no plugin's folder: it holds no Package.swift, Cargo.toml or Makefile",
            hint: "make one with `corral plugin new publisher/name --kind agent --lang swift`")
    }

    static func buildFailed(_ path: String, command: String, status: String) -> CorralError {
        CorralError(
            .buildFailed, "\"\(path)\" does not build: \(status)", hint: "the same by hand: \(command)")
    }

    static func resultUnclear(_ path: String, _ what: String, hint: String) -> CorralError {
        CorralError(.buildResultUnclear, "\"\(path)\" built, but \(what)", hint: hint)
    }

    static func compilerMissing(_ program: String, _ cause: String) -> CorralError {
        let package =
            switch program {
            case "swift":
                "the Swift toolchain of the worker (`corral doctor` names it): https://swift.org/install/linux"
            case "cargo": "Rust: https://rustup.rs"
            default: "it: `apt-get install build-essential`"
            }
        return CorralError(
            .compilerMissing, "cannot run \"\(program)\"", hint: "put it into PATH, or install \(package)", cause: cause
        )
    }

    // MARK: Add

    static func notAdded(_ path: String, _ what: String, hint: String, cause: String? = nil) -> CorralError {
        CorralError(.pluginNotAdded, "cannot add \"\(path)\": \(what)", hint: hint, cause: cause)
    }

    // MARK: Watch

    static func sourcesUnwatched(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .sourcesUnwatched, "cannot watch \"\(path)\"",
            hint: "raise fs.inotify.max_user_watches: `sysctl fs.inotify.max_user_watches`", cause: cause)
    }
}

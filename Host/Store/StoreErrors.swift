// SPDX-License-Identifier: Apache-2.0
// StoreErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let storeIO = ErrorCode(600, "store_io")
    package static let storeLocked = ErrorCode(601, "store_locked")
    package static let storeNewer = ErrorCode(602, "store_newer")
    package static let storeCorrupt = ErrorCode(603, "store_corrupt")
    package static let storeFull = ErrorCode(604, "store_full")
    package static let storeReadOnly = ErrorCode(605, "store_read_only")
    package static let storeForeign = ErrorCode(606, "store_foreign")
    package static let storeFolderRefused = ErrorCode(607, "store_folder_refused")
    package static let storeFenced = ErrorCode(608, "store_fenced")
    package static let storeBroken = ErrorCode(609, "store_broken")
    package static let runUnknown = ErrorCode(610, "run_unknown")
    package static let runAmbiguous = ErrorCode(611, "run_ambiguous")
    package static let runExists = ErrorCode(612, "run_exists")
    package static let runUnfinished = ErrorCode(613, "run_unfinished")
    package static let artifactRefused = ErrorCode(614, "artifact_refused")
    package static let artifactTooLarge = ErrorCode(615, "artifact_too_large")
    package static let artifactMissing = ErrorCode(616, "artifact_missing")
    package static let artifactCorrupt = ErrorCode(617, "artifact_corrupt")
    package static let payloadCorrupt = ErrorCode(618, "payload_corrupt")
    package static let recordUnreadable = ErrorCode(619, "record_unreadable")
    /// A warning: spans were set aside, runs are not affected.
    package static let spansReset = ErrorCode(620, "spans_reset")
    package static let keyMissing = ErrorCode(940, "key_missing")
    package static let keyUnreadable = ErrorCode(941, "key_unreadable")
    package static let keyExposed = ErrorCode(942, "key_exposed")
    package static let keyWrong = ErrorCode(943, "key_wrong")
}

extension CorralError {
    static func storeIO(_ action: String, _ path: String, cause: String) -> CorralError {
        CorralError(
            .storeIO, "cannot \(action) \"\(path)\"",
            hint: "look for disk errors in the kernel's log with `dmesg`, then restart the host", cause: cause)
    }

    static func storeLocked(_ path: String) -> CorralError {
        CorralError(
            .storeLocked, "database \"\(path)\" is locked by another process",
            hint: "close other programs that write to it; `fuser \(path)` names them", isRetryable: true)
    }

    static func storeNewer(_ path: String, version: String) -> CorralError {
        CorralError(
            .storeNewer, "database \"\(path)\" was written by a newer Corral (its format is \"\(version)\")",
            hint: "use that version of Corral, or another home with `--home DIR`")
    }

    static func storeCorrupt(_ path: String, cause: String) -> CorralError {
        CorralError(
            .storeCorrupt, "database \"\(path)\" is damaged",
            hint: "stop the host, keep a copy, then try `sqlite3 \(path) .recover > recovered.sql`", cause: cause)
    }

    static func storeFull(_ action: String, _ path: String, cause: String) -> CorralError {
        CorralError(
            .storeFull, "no space left to \(action) \"\(path)\"; nothing of it was kept",
            hint: "free space on the disk (`df -h`), then `corral runs resume RUN`", cause: cause, isRetryable: true)
    }

    static func storeReadOnly(_ path: String, cause: String) -> CorralError {
        CorralError(
            .storeReadOnly, "cannot write \"\(path)\"",
            hint: "check owner, permissions and mount options: `ls -ld \(path)`, `findmnt -T \(path)`", cause: cause)
    }

    static func storeForeign(_ path: String, applicationID: Int32) -> CorralError {
        let id = String(UInt32(bitPattern: applicationID), radix: 16)
        return CorralError(
            .storeForeign, "file \"\(path)\" is not a Corral database of this kind (application id 0x\(id))",
            hint: "move the file away, or use another home with `--home DIR`")
    }

    static func folderRefused(_ path: String, _ reason: String) -> CorralError {
        CorralError(
            .storeFolderRefused, "refusing to use \"\(path)\": \(reason)",
            hint: "a store's folders and files must be real, yours and private: `ls -ld \(path)`")
    }

    static func storeFenced(_ path: String, ours: Int64, current: Int64) -> CorralError {
        CorralError(
            .storeFenced,
            "another host took over \"\(path)\" (its epoch is \(current), ours \(ours)), so this one may not write",
            hint: "stop this host; `corral doctor` says who owns the home")
    }

    static func storeBroken(_ path: String, cause: String) -> CorralError {
        CorralError(
            .storeBroken, "database \"\(path)\" is closed for writing because an earlier flush to disk failed",
            hint: "check the disk (`dmesg`), then restart the host: it re-reads and repairs on opening", cause: cause)
    }

    static func runUnknown(_ id: String, nearest: String?) -> CorralError {
        let hint = nearest.map { "did you mean \"\($0)\"? " } ?? ""
        return CorralError(.runUnknown, "no run \"\(id)\"", hint: hint + "`corral runs list` shows them")
    }

    static func runAmbiguous(_ prefix: String, matches: [RunID]) -> CorralError {
        let names = matches.prefix(4).map { "\"\($0)\"" }.joined(separator: ", ")
        return CorralError(
            .runAmbiguous, "more than one run starts with \"\(prefix)\": \(names)\(matches.count > 4 ? ", …" : "")",
            hint: "give more characters of the id")
    }

    static func runExists(_ what: String) -> CorralError {
        CorralError(
            .runExists, "a run with \(what) exists already",
            hint: "`corral runs show RUN` shows it; send a new request id to run again")
    }

    static func runUnfinished(_ id: RunID) -> CorralError {
        CorralError(
            .runUnfinished, "run \"\(id)\" is not finished, so it cannot be deleted",
            hint: "`corral runs cancel \(id)` first")
    }

    static func artifactRefused(_ name: String, _ kind: String) -> CorralError {
        CorralError(
            .artifactRefused, "input file \"\(name)\" is \(kind), not a regular file",
            hint: "write it to a file first")
    }

    static func artifactTooLarge(_ name: String, limitBytes: Int) -> CorralError {
        CorralError(
            .artifactTooLarge, "file \"\(name)\" is larger than \(limitBytes) bytes",
            hint: "give a smaller file; the limit is fixed for this version")
    }

    static func artifactMissing(_ hash: String) -> CorralError {
        CorralError(
            .artifactMissing, "artifact \"sha256:\(hash.prefix(64))\" is not in the store",
            hint: "restore the tenant's `artifacts` folder from a backup, or start a new run with the file")
    }

    static func artifactCorrupt(_ hash: String, cause: String) -> CorralError {
        CorralError(
            .artifactCorrupt, "artifact \"sha256:\(hash)\" is damaged",
            hint: "restore the tenant's `artifacts` folder from a backup, or start a new run with the file",
            cause: cause)
    }

    static func payloadCorrupt(_ hash: String, cause: String) -> CorralError {
        CorralError(
            .payloadCorrupt, "a journaled value (sha256 \"\(hash)\") is damaged",
            hint: "restore the tenant's folder from a backup; the run cannot be resumed without it", cause: cause)
    }

    static func recordUnreadable(_ run: RunID, sequence: Int64, cause: String) -> CorralError {
        CorralError(
            .recordUnreadable, "record \(sequence) of run \"\(run)\" cannot be read",
            hint: "restore the tenant's folder from a backup; `corral doctor` checks it", cause: cause)
    }

    static func spansReset(_ path: String, movedTo: String, cause: String) -> CorralError {
        CorralError(
            .spansReset,
            "trace database \"\(path)\" was unusable and moved to \"\(movedTo)\"; its traces are not shown",
            hint: "delete the moved file when you do not need it", cause: cause)
    }

    // MARK: Keys

    static func keyMissing(_ path: String, tenant: TenantID) -> CorralError {
        CorralError(
            .keyMissing, "the key \"\(path)\" of tenant \"\(tenant)\" is missing, and its store is sealed with it",
            hint: "put the key back from where you keep a copy, or name its folder with the setting host.keys; "
                + "nothing else opens the store")
    }

    static func keyUnreadable(_ path: String, cause: String) -> CorralError {
        CorralError(
            .keyUnreadable, "the key \"\(path)\" cannot be read",
            hint: "put the key back from where you keep a copy: `ls -l \(path)`", cause: cause)
    }

    static func keyExposed(_ path: String, _ reason: String) -> CorralError {
        CorralError(
            .keyExposed, "refusing the key at \"\(path)\": \(reason)",
            hint:
                "keys are for their owner alone: a folder with mode 0700, files with 0600, both yours: `ls -ld \(path)`"
        )
    }

    static func keyWrong(_ path: String, tenant: TenantID) -> CorralError {
        CorralError(
            .keyWrong, "the key \"\(path)\" is not the one that the store of tenant \"\(tenant)\" was sealed with",
            hint: "put the right key there; a store and its key are restored together")
    }
}

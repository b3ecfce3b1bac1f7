// SPDX-License-Identifier: Apache-2.0
// MemorySQLiteErrors: every sentence with which this backend refuses.

import CSQLite
import CorralSDK

enum MemorySQLiteErrors {
    static func invalid(_ what: String) -> AgentError { AgentError("memory_invalid", what) }

    static func tooLarge(_ what: String, bytes: Int, max: Int) -> AgentError {
        AgentError(
            "memory_too_large",
            "the \(what) has \(bytes) bytes; at most \(max) are kept. Put large content into an artifact and its name here"
        )
    }

    static func tooMany(_ what: String, count: Int, max: Int) -> AgentError {
        AgentError("memory_too_large", "there are \(count) \(what); at most \(max) are taken")
    }

    static func noFolder() -> AgentError {
        AgentError(
            "memory_unavailable",
            "memory has no folder to lie in: the host gave this plugin none. Its grant \"storage\" may have been denied"
        )
    }

    static func foreign(_ path: String) -> AgentError {
        AgentError(
            "memory_foreign", "\"\(path)\" is no memory database of this plugin. Move it away, and an empty one is made"
        )
    }

    static func newer(_ path: String, version: Int64, known: Int) -> AgentError {
        AgentError(
            "memory_newer",
            "\"\(path)\" has version \(version) and this plugin knows versions up to \(known). Install the newer plugin"
        )
    }

    static func database(_ fault: DatabaseFault, _ path: String) -> AgentError {
        switch fault.code {
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            AgentError(
                "memory_corrupt",
                "\"\(path)\" is damaged: \(fault.message). Restore it from a backup, or move it away to begin anew")
        case SQLITE_FULL, SQLITE_TOOBIG:
            AgentError(
                "memory_full",
                "nothing more can be remembered: \(fault.message). Forget something, or give the tenant more storage")
        case SQLITE_BUSY, SQLITE_LOCKED:
            AgentError("memory_busy", "another process has \"\(path)\": \(fault.message)", retryable: true)
        default:
            AgentError("memory_unavailable", "\"\(path)\" cannot be used: \(fault.message)", retryable: true)
        }
    }
}

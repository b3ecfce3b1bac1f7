// SPDX-License-Identifier: Apache-2.0
// TracerFileErrors: every sentence with which this tracer refuses.

import CorralSDK
import Glibc

enum TracerFileErrors {
    static func noFolder() -> AgentError {
        AgentError(
            "trace_unavailable",
            "spans have no folder to lie in: the host gave this plugin none. Its grant \"storage\" may have been denied"
        )
    }

    static func noRequest() -> AgentError {
        AgentError(
            "trace_invalid", "this is no ExportTraceServiceRequest: resourceSpans and scopeSpans are lists of objects")
    }

    static func batchTooLarge(bytes: Int, max: Int) -> AgentError {
        AgentError("trace_too_large", "a batch of \(bytes) bytes does not fit into a file of \(max)")
    }

    /// A full disk may have room again; the host counts what it gives up on.
    static func file(_ fault: FileFault) -> AgentError {
        AgentError(
            "trace_unwritten", fault.text, retryable: [ENOSPC, EDQUOT, EIO, EMFILE, ENFILE].contains(fault.number))
    }
}

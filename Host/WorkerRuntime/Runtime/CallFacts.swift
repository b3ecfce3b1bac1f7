// SPDX-License-Identifier: Apache-2.0
// CallFacts: what a plugin stated about its call besides the result: how sure it is, what it changed, why it failed.

import CCorral
import CorralBase
import CorralWire
import Glibc

struct CallFacts {
    static let changesMax = 256
    /// All of a completion fits into one frame, so its parts are bounded together.
    static let changeBytesMax = 32 << 10
    static let messageBytesMax = 8 << 10
    static let detailBytesMax = 16 << 10

    private var confidence: Double?
    private var changes: [Change] = []
    private var changeBytes = 0
    private var failure: CompleteMessage.Failure?

    mutating func setConfidence(_ value: Double) -> corral_status {
        guard value >= 0, value <= 1 else { return CORRAL_INVALID }
        confidence = value
        return CORRAL_OK
    }

    mutating func addChange(_ changeClass: corral_slice, _ target: corral_slice) -> corral_status {
        guard let name = changeClass.bytes, let what = target.bytes, !name.isEmpty else { return CORRAL_INVALID }
        guard changes.count < CallFacts.changesMax,
            name.count + what.count + 8 <= CallFacts.changeBytesMax - changeBytes
        else { return CORRAL_LIMIT }
        changeBytes += name.count + what.count + 8
        changes.append(
            Change(changeClass: String(decoding: name, as: UTF8.self), target: String(decoding: what, as: UTF8.self)))
        return CORRAL_OK
    }

    /// Details that are too long are left out and the answer is LIMIT: the message matters more.
    mutating func setError(_ error: corral_error) -> corral_status {
        guard let code = error.code.bytes, let details = error.details.bytes, isErrorCode(code),
            let message = error.message.text(bytesMax: CallFacts.messageBytesMax)
        else { return CORRAL_INVALID }
        let keepsDetails = details.count <= CallFacts.detailBytesMax
        if keepsDetails, !details.isEmpty, (try? JSON(parsing: details)) == nil { return CORRAL_INVALID }
        failure = CompleteMessage.Failure(
            code: code.isEmpty ? "failed" : String(decoding: code, as: UTF8.self), message: message,
            details: keepsDetails ? String(decoding: details, as: UTF8.self) : "", isRetryable: error.is_retryable != 0)
        return keepsDetails ? CORRAL_OK : CORRAL_LIMIT
    }

    mutating func setFailure(_ failure: CompleteMessage.Failure) { self.failure = failure }

    /// A call whose result is known to be incomplete must not look like a success.
    func completion(_ status: corral_status, output: CallOutput, cpuNanoseconds: UInt64) -> CompleteMessage {
        var status = status
        var failure = status == CORRAL_OK ? nil : failure
        if status == CORRAL_OK, let loss = output.resultLoss {
            status = loss
            failure = CompleteMessage.Failure(
                code: loss == CORRAL_LIMIT ? "result_too_large" : "cancelled",
                message: loss == CORRAL_LIMIT
                    ? "the result is larger than \(Limits.resultBytesMax) bytes; put large output into an artifact"
                    : "the call was cancelled before its result was complete")
        }
        return CompleteMessage(
            status: status, confidence: confidence, changes: changes, failure: failure, cpuNanoseconds: cpuNanoseconds)
    }
}

private func isErrorCode(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count <= 64
        && bytes.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
        }
}

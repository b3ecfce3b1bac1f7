// SPDX-License-Identifier: Apache-2.0
// KindCaller: calls functions of a kind in one worker, as the host does.

import CorralBase
import CorralWire

struct KindCaller {
    let worker: CheckWorker
    let kind: PluginKind

    init(_ worker: CheckWorker, _ kind: PluginKind) {
        self.worker = worker
        self.kind = kind
    }

    /// Whatever it comes to.
    func answer(
        _ method: String, _ body: JSON, within patience: Duration = CheckRig.callPatience
    ) throws -> CheckWorker.Answer {
        let example = KindExample(kind, method)
        let subject = Subject(
            target: CallTarget(kind), method: method, output: example.output,
            sample: Sample(body: body.bytes(), origin: "the check"))
        return try worker.call(subject, subject.sample, within: patience)
    }

    /// The answer, which must be one.
    /// - Parameter what: for the report: "a put with a key".
    /// - Throws: `Fault`.
    func ask(
        _ method: String, _ body: JSON, _ what: String, within patience: Duration = CheckRig.callPatience
    ) throws -> JSON {
        let answer = try answer(method, body, within: patience)
        guard answer.status >= 0 else { throw Fault("\(what) is answered with \(answer.words)") }
        guard let value = try? JSON(parsing: answer.result) else {
            throw Fault("the answer to \(what) is no JSON value")
        }
        if let misfit = SchemaReview.misfit(value, KindExample(kind, method).output) {
            throw Fault("the answer to \(what) does not fit: \(misfit)")
        }
        return value
    }
}

/// Ends the check unless the condition holds.
/// - Throws: `Fault`.
func require(_ condition: Bool, _ words: @autoclosure () throws -> String) throws {
    if !condition { throw Fault(try words()) }
}

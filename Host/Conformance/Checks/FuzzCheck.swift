// SPDX-License-Identifier: Apache-2.0
// FuzzCheck: random changes of the sample, from a seed that is printed. A plugin may refuse them as it likes; it must not
// crash, and must stop when it is told to. The case at fault has a token that runs it alone.

import CorralBase

struct FuzzCheck {
    let rig: CheckRig
    let facts: PluginFacts
    let seed: UInt64

    private static let casesMax = 2000
    private static let timeMax: Duration = .seconds(5)
    /// A changed number may well mean more work. Then the call is cancelled, and has to end.
    private static let patience: Duration = .milliseconds(500)

    func run(_ token: inout ReproduceToken?) throws -> Verdict {
        var done = 0
        for subject in facts.subjects {
            let worker = try facts.ready(rig)
            let end = ContinuousClock.now + Self.timeMax / facts.subjects.count
            for index in 0..<Self.casesMax where ContinuousClock.now < end {
                let body = Mutation.body(subject.sample.body, seed: seed, index: index)
                do {
                    _ = try Self.call(worker, subject, body)
                } catch let lost as CheckWorker.Lost {
                    token = ReproduceToken(seed: seed, index: index, method: subject.method)
                    return .failed("\(lost.cause), in case \(index) of seed \(String(seed, radix: 16))")
                }
                done += 1
            }
        }
        return .passed("\(done) cases, seed \(String(seed, radix: 16))")
    }

    /// - Throws: `Lost`.
    static func call(_ worker: CheckWorker, _ subject: Subject, _ body: [UInt8]) throws -> CheckWorker.Answer {
        let call = try worker.start(subject, subject.sample.with(body))
        if let answer = try worker.finish(call, within: patience) { return answer }
        try worker.cancel(call)
        guard let answer = try worker.finish(call, within: CheckRig.grace) else {
            throw CheckWorker.Lost(
                cause: "a call took longer than \(patience) and went on for \(CheckRig.grace) after it was cancelled",
                isHang: true)
        }
        return answer
    }
}

// SPDX-License-Identifier: Apache-2.0
// LoadOverTime: many calls: at once, and one after the other for long enough that what is lost with each adds up.

import CorralBase

struct LoadOverTime {
    let rig: CheckRig
    let facts: PluginFacts

    private static let concurrentRounds = 8
    private static let concurrentTime: Duration = .seconds(5)
    /// Calls of one round between two looks at the process.
    private static let roundCalls = 500
    private static let rounds = 4
    private static let roundTime: Duration = .seconds(2)
    /// What grows less in a round is the allocator settling, not a leak: about 130 bytes a call.
    private static let roundGrowthBytes = 64 << 10
    /// The growth of all rounds after the first.
    private static let growthBytes = 384 << 10

    // MARK: At once

    func concurrency() throws -> Verdict {
        if facts.manifest.isSerial { return .skipped("its manifest says \"serial\": one call at a time") }
        for subject in facts.subjects {
            let worker = try facts.ready(rig)
            let start = ContinuousClock.now
            let first = try worker.call(subject, subject.sample)
            let alone = start.duration(to: .now)
            let isDeterministic = try worker.call(subject, subject.sample) == first
            // Together they may take as long as one after the other, and longer on a busy machine.
            let patience = CheckRig.callPatience + alone * (4 * CheckRig.callsMax)
            let end = ContinuousClock.now + Self.concurrentTime
            for round in 0..<Self.concurrentRounds where round == 0 || ContinuousClock.now < end {
                let calls = try (0..<CheckRig.callsMax).map { _ in try worker.start(subject, subject.sample) }
                for call in calls {
                    guard let answer = try worker.finish(call, within: patience) else {
                        return .failed("of \(CheckRig.callsMax) calls at once one did not end")
                    }
                    guard answer.status == first.status, !isDeterministic || answer == first else {
                        return .failed(
                            "\(subject.name) alone gives \(first.words), beside others \(difference(answer, first)); guard "
                                + "what calls share, or say \"serial\": true")
                    }
                }
            }
        }
        return .passed("\(CheckRig.callsMax) at once")
    }

    private func difference(_ answer: CheckWorker.Answer, _ first: CheckWorker.Answer) -> String {
        answer.status == first.status ? "another result" : answer.words
    }

    // MARK: One after the other

    private struct Look {
        var residentBytes: Int
        var threads: Int
        var descriptors: Int
    }

    func leaks() throws -> Verdict {
        let worker = try facts.ready(rig)
        var number: UInt32 = 10
        func look() throws -> Look {
            number += 1
            let loaded = try worker.load(rig.rehearsal("environment", number: number))
            let open = (try? JSON(parsing: loaded.findings))?["open descriptors"]?.arrayValue?.count ?? 0
            guard let process = worker.resources() else { throw Fault("the kernel says nothing about the process") }
            return Look(residentBytes: process.residentBytes, threads: process.threads, descriptors: open)
        }
        var looks: [Look] = []
        var calls = 0
        for _ in 0...Self.rounds {
            calls = try round(worker)
            looks.append(try look())
        }
        return verdict(looks, calls: calls)
    }

    /// - Returns: how many calls there was time for.
    private func round(_ worker: CheckWorker) throws -> Int {
        let end = ContinuousClock.now + Self.roundTime
        var calls = 0
        while calls < Self.roundCalls, ContinuousClock.now < end || calls < 10 {
            for subject in facts.subjects { _ = try worker.call(subject, subject.sample) }
            calls += 1
        }
        return calls
    }

    private func verdict(_ looks: [Look], calls: Int) -> Verdict {
        // The first round fills caches and pools.
        let steps = zip(looks.dropFirst(), looks.dropFirst(2)).map { $1.residentBytes - $0.residentBytes }
        guard let first = looks.dropFirst().first, let last = looks.last else { return .skipped("") }
        let total = calls * (Self.rounds - 1)
        let growth = last.residentBytes - first.residentBytes
        if steps.allSatisfy({ $0 >= Self.roundGrowthBytes }), growth >= Self.growthBytes {
            return .failed(
                "memory grew by \(growth >> 10) KiB over \(total) calls, about \(growth / max(1, total)) bytes a call")
        }
        let descriptors = last.descriptors - first.descriptors
        if descriptors >= Self.rounds {
            return .failed("\(descriptors) more descriptors are open after \(total) calls")
        }
        let threads = last.threads - first.threads
        if threads >= Self.rounds { return .failed("\(threads) more threads run after \(total) calls") }
        return .passed("\(total) calls: \(growth >> 10) KiB, \(descriptors) descriptors, \(threads) threads")
    }
}

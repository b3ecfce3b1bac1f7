// SPDX-License-Identifier: Apache-2.0
// CallChecks: single calls: the sample, input that is none, and calls that shall stop.

import CorralBase
import CorralWire
import Glibc

struct CallChecks {
    let rig: CheckRig
    let facts: PluginFacts

    private static let failuresInARow = 50
    private static let hugeBytes = 8 << 20
    private static let depth = 20_000

    // MARK: The sample

    func sample() throws -> Verdict {
        var words: [String] = []
        let worker = try facts.ready(rig)
        for subject in facts.subjects {
            let start = ContinuousClock.now
            let answer = try worker.call(subject, subject.sample)
            let took = shown(start.duration(to: .now))
            if answer.status < 0 {
                guard subject.sample.origin == "the schema" else {
                    return .failed("\(subject.name) answers \(subject.sample.origin) with \(answer.words)")
                }
                words.append("\(subject.name) wants better than a made-up input (\(answer.words)); give --input")
                continue
            }
            let value: JSON
            do { value = try JSON(parsing: answer.result) } catch {
                let why = (error as? CorralError)?.message ?? "\(error)"
                return .failed("the result of \(subject.name) is no JSON value: \(why)")
            }
            if let misfit = SchemaReview.misfit(value, subject.output) {
                return .failed("the result of \(subject.name) does not fit its output schema: \(misfit)")
            }
            words.append("\(subject.name) in \(took)")
        }
        return .passed(words.joined(separator: "; "))
    }

    // MARK: Input that is none

    /// Named, because the name is what the report says.
    static let badBodies: [(name: String, body: [UInt8])] = [
        ("nothing", []), ("white space", Array("  \n".utf8)), ("null", Array("null".utf8)),
        ("a number", Array("42".utf8)), ("a text", Array("\"text\"".utf8)), ("an empty list", Array("[]".utf8)),
        ("an empty object", Array("{}".utf8)), ("half an object", Array("{\"a\":".utf8)),
        ("a byte that is no UTF-8", [0x22, 0xFF, 0xC0, 0x22]), ("a NUL byte", [0x7B, 0x00, 0x7D]),
        ("lists nested \(depth) deep", Array(repeating: UInt8(ascii: "["), count: depth)),
        (
            "objects nested \(depth) deep",
            Array((String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)).utf8)
        ),
        ("a number of 4,000 digits", Array(repeating: UInt8(ascii: "9"), count: 4000)),
        (
            "a text of \(hugeBytes >> 20) MiB",
            [UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "a"), count: hugeBytes) + [UInt8(ascii: "\"")]
        ),
    ]

    func badInput() throws -> Verdict {
        for subject in facts.subjects {
            let worker = try facts.ready(rig)
            let good = try worker.call(subject, subject.sample)
            for (name, body) in Self.badBodies {
                do {
                    _ = try worker.call(subject, Sample(body: body, origin: name))
                } catch let lost as CheckWorker.Lost {
                    return .failed("given \(name), \(lost.cause)")
                }
            }
            let again = try worker.call(subject, subject.sample)
            guard again.status == good.status else {
                return .failed("after bad input \(subject.name) answers the sample with \(again.words)")
            }
        }
        return .passed("\(Self.badBodies.count) inputs")
    }

    func afterError() throws -> Verdict {
        for subject in facts.subjects {
            let worker = try facts.ready(rig)
            let good = try worker.call(subject, subject.sample)
            var failed = 0
            for _ in 0..<Self.failuresInARow {
                let bad = try worker.call(subject, Sample(body: Array("[[]]".utf8), origin: "a list"))
                if bad.status < 0 { failed += 1 }
            }
            let again = try worker.call(subject, subject.sample)
            guard again.status == good.status else {
                return .failed(
                    "after \(failed) failed calls \(subject.name) answers the sample with \(again.words), before with "
                        + good.words)
            }
        }
        return .passed("\(Self.failuresInARow) calls")
    }

    // MARK: Stopping

    func cancellation() throws -> Verdict {
        for subject in facts.subjects {
            let worker = try facts.ready(rig)
            let good = try worker.call(subject, subject.sample)
            for delay in [Duration.zero, .milliseconds(1), .milliseconds(20)] {
                let call = try worker.start(subject, subject.sample)
                if delay > .zero, let early = try worker.finish(call, within: delay) {
                    _ = early
                    continue
                }
                try worker.cancel(call)
                guard try worker.finish(call, within: CheckRig.grace) != nil else {
                    return .failed(
                        "\(subject.name) went on for \(CheckRig.grace) after its call was cancelled"
                            + (delay > .zero ? " in the middle" : " at once") + "; the host then kills the process")
                }
            }
            let again = try worker.call(subject, subject.sample)
            guard again.status == good.status else {
                return .failed("after a cancelled call \(subject.name) answers the sample with \(again.words)")
            }
        }
        return .passed("")
    }

    func deadline() throws -> Verdict {
        for subject in facts.subjects {
            let worker = try facts.ready(rig)
            _ = try worker.call(subject, subject.sample)
            for milliseconds in [0, 1, 50] {
                let deadline = Self.now + UInt64(milliseconds) * 1_000_000
                let call = try worker.start(subject, subject.sample, deadline: max(1, deadline))
                if try worker.finish(call, within: .milliseconds(milliseconds)) != nil { continue }
                try worker.cancel(call, .deadline)
                guard try worker.finish(call, within: CheckRig.grace) != nil else {
                    return .failed(
                        "\(subject.name) went on for \(CheckRig.grace) after a deadline of \(milliseconds) ms; the host "
                            + "then kills the process")
                }
            }
        }
        return .passed("")
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

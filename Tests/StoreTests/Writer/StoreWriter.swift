// SPDX-License-Identifier: Apache-2.0
// StoreWriter: a process that appends to a store, made to be killed, counted and starved by the tests.
//
// Prints `ack N` after each append that was acknowledged, N being the sequence of its last record.

import CorralBase
import CorralStore
import Glibc

@main
struct StoreWriter {
    static func main() {
        do {
            try run(CommandLine.arguments)
        } catch let error as CorralError {
            say("error \(error.code.name)")
        } catch {
            say("error \(error)")
        }
    }

    /// `append|small|small-then-sync|broken|full|large FOLDER RUN DURABILITY COUNT`; FOLDER is HOME/tenants/default.
    private static func run(_ arguments: [String]) throws {
        guard arguments.count == 6, let durability = Durability(rawValue: arguments[4]), let count = Int(arguments[5])
        else { return say("error usage") }
        let store = try TenantStore(
            folder: arguments[2], tenant: .standard, keys: KeyFolder(home: arguments[2] + "/../.."), now: 1)
        let run = try RunID(arguments[3])
        let sample = SampleRun(run)
        if try store.run(run) == nil { try store.append([sample.created], durability: .sync) }
        var next = try store.journal(of: run, includesPayloads: false).count / 2
        switch arguments[1] {
        case "large": try keepLarge(store, path: arguments[2] + "/../../large")
        case "append": try append(sample, store, durability, &next, count: count)
        case "small": try appendSmall(sample, store, durability, last: durability, count: count)
        case "small-then-sync": try appendSmall(sample, store, durability, last: .sync, count: count)
        case "broken": appendTwice(sample, store, durability, &next, count: count)
        case "full": try appendUntilFull(sample, store, durability, &next, limitBytes: count)
        default: say("error usage")
        }
    }

    /// Prints how much was kept and checked, and the most memory this process ever held, in KiB (proc(5)).
    private static func keepLarge(_ store: TenantStore, path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let file = try store.artifacts.importFile(descriptor: descriptor, name: "large", mediaType: "")
        try store.artifacts.verify(file.sha256)
        say("kept \(file.bytes) \(memoryPeak())")
    }

    private static func memoryPeak() -> String {
        let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = max(0, read(descriptor, &bytes, bytes.count))
        let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
        let words = lines.first { $0.hasPrefix("VmHWM:") }?.split { $0 == " " || $0 == "\t" }
        return words.map { $0.count > 1 ? String($0[1]) : "" } ?? ""
    }

    private static func append(
        _ sample: SampleRun, _ store: TenantStore, _ durability: Durability, _ next: inout Int, count: Int
    ) throws {
        for _ in 0..<count {
            try store.append(sample.batch(next), durability: durability)
            next += 1
            say("ack \(1 + 2 * next)")
            if store.needsCheckpoint { try store.checkpoint() }
        }
    }

    /// Only values that stay in the database, because the file of a large one is flushed in every mode.
    private static func appendSmall(
        _ sample: SampleRun, _ store: TenantStore, _ durability: Durability, last: Durability, count: Int
    ) throws {
        let numbers = (0..<count * 2).filter { $0 % 16 != 15 }.prefix(count)
        for number in numbers {
            try store.append(sample.batch(number), durability: number == numbers.last ? last : durability)
            say("ack \(number)")
        }
    }

    /// Goes on after a failure: every further append must be refused.
    private static func appendTwice(
        _ sample: SampleRun, _ store: TenantStore, _ durability: Durability, _ next: inout Int, count: Int
    ) {
        for _ in 0..<3 {
            do {
                try append(sample, store, durability, &next, count: count)
            } catch {
                say("error \((error as? CorralError)?.code.name ?? "\(error)")")
            }
        }
    }

    /// Files may not grow over the limit; then they may again.
    private static func appendUntilFull(
        _ sample: SampleRun, _ store: TenantStore, _ durability: Durability, _ next: inout Int, limitBytes: Int
    ) throws {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: rlim_t(limitBytes), rlim_max: rlim_t.max)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        do {
            try append(sample, store, durability, &next, count: 100_000)
        } catch let error as CorralError {
            say("error \(error.code.name)")
        }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        try append(sample, store, durability, &next, count: 1)
    }

    /// Unbuffered: what was printed was printed before the kill.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(1, bytes, bytes.count)
    }
}

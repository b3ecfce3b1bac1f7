// SPDX-License-Identifier: Apache-2.0
// HostChecks: how a plugin gets on with hosts and processes: other versions of the host, ids it does not know, the end of
// its life, and what it leaves behind in a process that it shares.

import CorralBase
import CorralWire

struct HostChecks {
    let rig: CheckRig
    let facts: PluginFacts

    private static let endMax: Duration = .seconds(5)

    func sameManifest() throws -> Verdict {
        for round in 2...4 {
            let loaded = try CheckWorker(rig).load(rig.probe())
            guard loaded.manifest == facts.bytes else {
                return .failed(
                    "process \(round) was shown another manifest than process 1; the host refuses such a library when it "
                        + "loads it")
            }
        }
        return .passed("4 processes")
    }

    // MARK: Other hosts

    private func rehearse(_ name: String) throws -> JSON {
        let loaded = try CheckWorker(rig).load(rig.rehearsal(name))
        return (try? JSON(parsing: loaded.findings)) ?? [:]
    }

    func otherABI() throws -> Verdict {
        let found = try rehearse("other-abi")
        guard found["answer"] == "accepted" else { return .passed("it refused") }
        // A worker refuses a descriptor of another version than its own; this one would be believed.
        guard let stated = found["abi_major"], stated != found["asked_by"] else {
            return .failed(
                "asked by a host of another ABI version it says it is of that version too; state CORRAL_ABI_MAJOR as "
                    + "compiled, and return NULL to such a host")
        }
        return .passed("it states its own version")
    }

    func shortHost() throws -> Verdict {
        do {
            let found = try rehearse("short-host")
            return .passed(found["answer"] == "accepted" ? "it makes do with it" : "it refused")
        } catch let lost as CheckWorker.Lost {
            return .failed(
                "\(lost.cause): it read past the host's struct_size; use a member only if it lies inside the size")
        }
    }

    func newerHost() throws -> Verdict {
        let found = try rehearse("newer-host")
        guard found["answer"] == "accepted" else {
            return .failed(
                "it refused a host whose struct is longer than the one it was compiled with; ask for struct_size >= "
                    + "sizeof, never for equality")
        }
        return .passed("")
    }

    func extensions() throws -> Verdict {
        let found = try rehearse("extensions")
        let strangers = (found["strangers"]?.arrayValue ?? []).compactMap(\.stringValue)
        let unstable = (found["unstable"]?.arrayValue ?? []).compactMap(\.stringValue)
        if let id = strangers.first {
            return .failed("get_extension(\"\(id)\") is not NULL, and the manifest does not provide it")
        }
        if let id = unstable.first { return .failed("get_extension(\"\(id)\") gave two different vtables") }
        return .passed("")
    }

    // MARK: The process

    func lifeCycle() throws -> Verdict {
        for _ in 0..<2 {
            let worker = try facts.ready(rig)
            for subject in facts.subjects { _ = try worker.call(subject, subject.sample) }
            if let how = try worker.shutDown(within: Self.endMax) {
                return .failed("asked to end, \(how)")
            }
        }
        return .passed("2 processes")
    }

    func environment() throws -> Verdict {
        let worker = try facts.start(rig)
        let before = try look(worker, 2)
        _ = try worker.load(facts.load(rig, worker))
        for _ in 0..<3 { for subject in facts.subjects { _ = try worker.call(subject, subject.sample) } }
        let after = try look(worker, 3)
        let changed =
            before.objectValue?.members.filter { $0.key != "open descriptors" && after[$0.key] != $0.value } ?? []
        guard changed.isEmpty else {
            return .failed(
                "it changed the process: "
                    + changed.map { "\($0.key) (\(Self.difference($0.value, after[$0.key] ?? .null)))" }
                    .joined(separator: ", "))
        }
        return .passed("")
    }

    private func look(_ worker: CheckWorker, _ number: UInt32) throws -> JSON {
        let loaded = try worker.load(rig.rehearsal("environment", number: number))
        return (try? JSON(parsing: loaded.findings)) ?? [:]
    }

    private static func difference(_ before: JSON, _ after: JSON) -> String {
        guard let old = before.arrayValue, let new = after.arrayValue else {
            return "\(before.text()) became \(after.text())"
        }
        let added = new.filter { !old.contains($0) }.map { "+\($0.stringValue ?? $0.text())" }
        let removed = old.filter { !new.contains($0) }.map { "-\($0.stringValue ?? $0.text())" }
        return (added + removed).prefix(4).joined(separator: " ")
    }

    func silence() throws -> Verdict {
        let worker = try facts.ready(rig)
        for _ in 0..<3 { for subject in facts.subjects { _ = try worker.call(subject, subject.sample) } }
        // What was written before the answer is in the pipe by now.
        _ = try worker.next(within: .milliseconds(20))
        guard worker.printed.isEmpty else {
            let line = String(decoding: worker.printed.prefix(80), as: UTF8.self)
            return .failed("it printed \"\(line)\"; use corral_host.log, which names the call it belongs to")
        }
        return .passed("")
    }
}

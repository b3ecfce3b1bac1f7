// SPDX-License-Identifier: Apache-2.0
// MemoryTests: what agents remember, through real workers, and the spans of it in the files of corral/tracer-file.

import Foundation
import Testing

/// A project with the memory backend, the tracer and agents that remember.
private struct Remembering {
    let corral: Corral

    init(_ configuration: String = "") throws {
        corral = try Corral()
        _ = try corral.write("corral.yaml", configuration)
        try corral.install("remember")
        for name in ["corral-memory-sqlite", "corral-tracer-file"] {
            try FileManager.default.copyItem(
                at: Corral.products.appending(path: "lib\(name).so"),
                to: corral.pluginFolder.appending(path: "\(name).so"))
        }
    }

    /// The agent's answer, or the words of who refused it.
    func ask(_ method: String, _ body: String, _ arguments: String...) throws -> String {
        let output = try corral.run(
            ["run", "test/remember", "--input", "method=\(method)", "--input", "body=\(body)", "--json"] + arguments)
        guard output.status == 0 else { return output.standardOutput + output.standardError }
        let value = try output.json()["output"] ?? [:]
        return String(
            decoding: try JSONSerialization.data(
                withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
    }

    func folder(of plugin: String) -> URL {
        corral.home.appending(path: "tenants/default/storage/corral/\(plugin)")
    }
}

@Suite(.serialized)
struct MemoryTests {
    @Test func remembersAcrossRunsAndHostsByKeyAndByWord() throws {
        let remembering = try Remembering()
        let put = try remembering.ask("put", #"{"key":"last","text":"sell the index"}"#, "--user", "ann")
        #expect(put.contains("\"replaced\":false"), "\(put)")
        remembering.corral.stop()
        let got = try remembering.ask("get", #"{"key":"last"}"#)
        #expect(got.contains("sell the index") && got.contains("\"agent\":\"test/remember\""), "\(got)")
        #expect(got.contains("\"user\":\"ann\"") && got.contains("\"run\":\""))
        let found = try remembering.ask("search", #"{"query":"index sell"}"#)
        #expect(found.contains("sell the index") && found.contains("\"score\":"), "\(found)")
        #expect(try remembering.ask("search", #"{"query":"nothing of it"}"#).contains("\"entries\":[]"))
    }

    @Test func sharedScopesNeedTheConfigurationAndShortTermIsOfItsSession() throws {
        let remembering = try Remembering()
        #expect(try remembering.ask("put", #"{"scope":"tenant","text":"t"}"#).contains("agents do not share"))
        _ = try remembering.corral.write("corral.yaml", "memory: {sharing: {cross_agent: true}}\n")
        remembering.corral.stop()
        #expect(try remembering.ask("put", #"{"scope":"tenant","text":"t"}"#).contains("\"id\""))
        let short = #"{"layer":"short_term","key":"now","text":"of one session"}"#
        #expect(try remembering.ask("put", short, "--session", "s1").contains("\"id\""))
        #expect(try remembering.ask("get", #"{"key":"now"}"#, "--session", "s1").contains("of one session"))
        #expect(try remembering.ask("get", #"{"key":"now"}"#, "--session", "s2").contains("\"entry\":null"))
    }

    @Test func peopleSeeSearchPutAndForget() throws {
        let remembering = try Remembering()
        let corral = remembering.corral
        _ = try remembering.ask("put", #"{"key":"last","text":"sell the index","tags":["flip"]}"#)
        let put = try corral("memory", "put", "review on Fridays", "--layer", "long_term", "--json").json()
        let id = try #require(put["id"] as? String)
        let all = try corral("memory", "list", "--json").json()["entries"] as? [[String: Any]]
        #expect(all?.compactMap { $0["text"] as? String } == ["review on Fridays", "sell the index"])
        let own = try corral("memory", "search", "sell", "--agent", "test/remember", "--tag", "flip")
        #expect(own.status == 0 && own.standardOutput.contains("last: sell the index"), "\(own)")
        let shown = try corral("memory", "show", id)
        #expect(shown.standardOutput.contains("review on Fridays") && shown.standardOutput.contains("long_term"))
        let keyed = try corral("memory", "show", "--key", "last", "--agent", "test/remember", "--json").json()
        #expect(keyed["text"] as? String == "sell the index")
        #expect(try corral("memory", "forget", id).status == 0)
        #expect(try corral("memory", "forget", id).status == 3)
        #expect(try corral("memory", "show", id, "--json").status == 3)
        #expect(try corral("memory", "forget", "--all", "--json").json()["forgotten"] as? Int == 1)
    }

    @Test func keepsWhatItAcknowledgedWhenTheHostIsKilled() throws {
        let remembering = try Remembering()
        for index in 0..<3 {
            #expect(try remembering.ask("put", #"{"key":"k\#(index)","text":"kept \#(index)"}"#).contains("\"id\""))
            let host = try #require(remembering.corral.hostProcess)
            kill(host, SIGKILL)
            try eventually("the host is gone", within: 20) { !Processes.isAlive(host) }
        }
        for index in 0..<3 {
            #expect(try remembering.ask("get", #"{"key":"k\#(index)"}"#).contains("kept \(index)"))
        }
    }

    @Test func saysThatNothingKeepsIt() throws {
        let remembering = try Remembering("memory: {backend: acme/other}\n")
        let answer = try remembering.ask("list", "{}")
        #expect(answer.contains("acme/other") && answer.contains("not installed"), "\(answer)")
        _ = try remembering.corral.write("corral.yaml", "memory: {enabled: false}\n")
        remembering.corral.stop()
        #expect(try remembering.ask("list", "{}").contains("switched off"))
        #expect(try remembering.corral("memory", "list").status == 4)
    }

    @Test func countsAsStorageAndGoesWithItsTenant() throws {
        let remembering = try Remembering()
        let corral = remembering.corral
        _ = try corral("tenant", "add", "acme")
        #expect(try corral("memory", "put", "note", "--tenant", "acme").status == 0)
        let folder = corral.home.appending(path: "tenants/acme/storage/corral/memory-sqlite")
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "memory.db").path()))
        let removal = try corral("tenant", "remove", "acme", "--yes", "--no-archive")
        #expect(removal.status == 0, "\(removal)")
        #expect(!FileManager.default.fileExists(atPath: folder.path()))
    }

    @Test(.enabled(if: Spans.isRequired || Spans.folder != nil, "pip cannot be reached"))
    func theTracersLinesAreReadByOpenTelemetrysOwnPackage() throws {
        let remembering = try Remembering()
        _ = try remembering.ask("put", #"{"text":"t"}"#)
        _ = try remembering.ask("get", #"{"key":"absent"}"#)
        let status = try remembering.corral("host", "status", "--json").json()
        let counters = status["counters"] as? [String: Any] ?? [:]
        #expect(counters["spans lost for corral/tracer-file"] == nil, "\(counters)")
        // The end of the host sends what waits.
        let host = remembering.corral.hostProcess
        remembering.corral.stop()
        if let host { try eventually("the host has ended") { !Processes.isAlive(host) } }
        let file = remembering.folder(of: "tracer-file").appending(path: "spans.jsonl").path()
        let spans = try Spans.read([file])
        let names = spans.compactMap { $0["name"] as? String }
        #expect(names.filter { $0 == "invoke_agent test/remember" }.count == 2, "\(names)")
        #expect(
            names.contains("memory.put") && names.contains("memory.get") && names.contains("corral/memory-sqlite.put"))
        #expect(!names.contains { $0.contains("tracer-file") }, "exporting makes no spans")
        let use = try #require(spans.first { $0["name"] as? String == "memory.put" })
        let agent = spans.first { $0["span"] as? String == use["parent"] as? String }
        #expect(
            agent?["name"] as? String == "invoke_agent test/remember" && use["operation"] as? String == "create_memory")
        #expect(spans.allSatisfy { $0["tenant"] as? String == "default" && $0["status"] as? Int == 1 })
    }
}

/// OpenTelemetry's own Python package, from PyPI, in a folder that test runs share.
private enum Spans {
    private static let requirement = "opentelemetry-proto==1.45.2"
    static var isRequired: Bool { ProcessInfo.processInfo.environment["CI"] != nil }

    /// Nil when pip cannot be reached.
    static let folder: String? = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corral-\(requirement)-\(getuid())").path()
        if FileManager.default.fileExists(atPath: folder + "/opentelemetry") { return folder }
        let made = folder + "-\(getpid())"
        let output = try? Corral.execute(
            "/usr/bin/env",
            ["python3", "-m", "pip", "install", "-q", "--no-input", "--target", made, requirement])
        guard output?.status == 0 else { return nil }
        // Another run may have been first: its folder is as good.
        rename(made, folder)
        return folder
    }()

    static func read(_ files: [String]) throws -> [[String: Any]] {
        let folder = try #require(folder, "pip cannot install \(requirement)")
        let script = Corral.repository.appending(path: "Tests/PipelineTests/reference/check_spans.py").path()
        let output = try Corral.execute(
            "/usr/bin/env", ["python3", script] + files, environment: ["PYTHONPATH": folder])
        try #require(output.status == 0, "\(output.standardError)")
        return try #require(try output.json()["spans"] as? [[String: Any]])
    }
}

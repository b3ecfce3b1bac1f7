// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import Foundation
import Testing

@testable import TracerFile

/// A folder that is gone with the value.
private final class Folder {
    let path = NSTemporaryDirectory() + "corral-spans-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

    func lines(_ name: String) throws -> [JSON] {
        let text = try String(contentsOfFile: path + "/" + name, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

private func batch(_ names: [String], trace: String = "0af7651916cd43dd8448eb211c80319c") -> JSON {
    let spans = names.map { name -> JSON in
        ["traceId": .text(trace), "spanId": "00f067aa0ba902b7", "name": .text(name), "startTimeUnixNano": "1"]
    }
    return [
        "resourceSpans": [
            [
                "resource": ["attributes": []],
                "scopeSpans": [["scope": ["name": "corral"], "spans": .array(spans)]],
            ]
        ]
    ]
}

private func names(_ line: JSON) -> [String] {
    guard case .array(let resources)? = line["resourceSpans"], case .array(let scopes)? = resources[0]["scopeSpans"],
        case .array(let spans)? = scopes[0]["spans"]
    else { return [] }
    return spans.compactMap { if case .text(let name)? = $0["name"] { name } else { nil } }
}

@Suite struct SpanLogTests {
    @Test func writesABatchAsALineInOrder() async throws {
        let folder = try Folder()
        let log = SpanLog(folder: folder.path)
        for index in 0..<20 {
            let answer = try await log.write(batch(["a\(index)", "b\(index)"]))
            #expect(answer.rejected == 0 && answer.message == nil)
        }
        #expect(try folder.lines("spans.jsonl").map(names) == (0..<20).map { ["a\($0)", "b\($0)"] })
    }

    @Test func rotatesBySizeAndKeepsSoManyFiles() async throws {
        let folder = try Folder()
        let log = SpanLog(folder: folder.path, bounds: RotationBounds(fileBytesMax: 1_000, filesMax: 3))
        for index in 0..<60 { _ = try await log.write(batch(["span \(index)"])) }
        #expect(folder.names == ["spans.1.jsonl", "spans.2.jsonl", "spans.jsonl"])
        let kept = try ["spans.2.jsonl", "spans.1.jsonl", "spans.jsonl"].flatMap { try folder.lines($0).flatMap(names) }
        #expect(kept == (60 - kept.count..<60).map { "span \($0)" }, "the newest, without a gap")
        for name in folder.names {
            let size = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)[.size] as? Int
            #expect(try #require(size) <= 1_000)
        }
    }

    @Test func keepsOneFileWhenOneIsAllowed() async throws {
        let folder = try Folder()
        let log = SpanLog(folder: folder.path, bounds: RotationBounds(fileBytesMax: 600, filesMax: 1))
        for index in 0..<10 { _ = try await log.write(batch(["span \(index)"])) }
        #expect(folder.names == ["spans.jsonl"])
        #expect(try folder.lines("spans.jsonl").last.map(names) == ["span 9"])
    }

    @Test func cutsWhatADeadProcessLeftOfALine() async throws {
        let folder = try Folder()
        _ = try await SpanLog(folder: folder.path).write(batch(["whole"]))
        let file = try #require(FileHandle(forUpdatingAtPath: folder.path + "/spans.jsonl"))
        try file.seekToEnd()
        file.write(Data(#"{"resourceSpans":[{"#.utf8))
        try file.close()
        _ = try await SpanLog(folder: folder.path).write(batch(["next"]))
        #expect(try folder.lines("spans.jsonl").map(names) == [["whole"], ["next"]])
    }

    @Test func leavesOutSpansThatNoReaderTakes() async throws {
        let folder = try Folder()
        let log = SpanLog(folder: folder.path)
        let answer = try await log.write(batch(["a", "b"], trace: String(repeating: "0", count: 32)))
        #expect(answer.rejected == 2 && answer.message?.contains("traceId") == true)
        #expect(folder.names.isEmpty)
        let mixed = try await log.write(batch(["", "named"]))
        #expect(mixed.rejected == 1 && mixed.message?.contains("name") == true)
        #expect(try folder.lines("spans.jsonl").map(names) == [["named"]])
        await #expect(throws: AgentError.self) { try await log.write(["spans": []]) }
    }

    @Test func saysWhatKeepsItFromWriting() async throws {
        let log = SpanLog(folder: "/nowhere")
        do {
            _ = try await log.write(batch(["a"]))
            Issue.record("wrote to a folder that is not there")
        } catch let error as AgentError {
            #expect(error.code == "trace_unwritten" && !error.isRetryable && error.message.contains("/nowhere"))
        }
        let folder = try Folder()
        let small = SpanLog(folder: folder.path, bounds: RotationBounds(fileBytesMax: 100))
        await #expect(throws: AgentError.self) { try await small.write(batch(["too long for it"])) }
    }
}

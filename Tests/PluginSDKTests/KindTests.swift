// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CorralSDK

/// Plugins of the host's own kinds in Swift: what they declare, how they are made, and what goes over the line.
@Suite(.timeLimit(.minutes(1)))
struct KindTests {
    struct Words: CorralSDK.Scanner {
        static let card: PluginCard = {
            var card = PluginCard("test/words", version: "1.0.0", summary: "Finds a word")
            card.config = [ConfigField("word", .string, default: "secret", help: "What it finds")]
            return card
        }()
        static let classes = [ScanClass("word", .low)]

        struct Settings: Decodable { var word: String? }
        let word: [UInt8]

        init(_ activation: Activation) throws {
            word = Array((try activation.configuration(as: Settings.self).word ?? "secret").utf8)
            if word.isEmpty { throw AgentError("no_word", "the word is empty") }
        }

        func scan(_ request: ScanRequest, _ context: PluginContext) async throws -> [ScanFinding] {
            request.texts.enumerated().compactMap { index, text in
                guard let range = Array(text.text.utf8).firstRange(of: word) else { return nil }
                return ScanFinding(
                    text: index, start: range.lowerBound, end: range.upperBound, findingClass: "word", severity: .low,
                    confidence: 1, redaction: "[word]")
            }
        }
    }

    struct Empty: Memory {
        static let card = PluginCard(
            "test/empty", version: "1.0.0", summary: "Keeps nothing", asks: Asks(storage: true))
        init(_ activation: Activation) throws {}
        func put(_ request: MemoryPut, _ context: PluginContext) async throws -> MemoryReceipt {
            MemoryReceipt(
                id: "\(request.layer.rawValue) \(request.key ?? "-") \(request.author.agent ?? "-")",
                createdAtMilliseconds: request.nowMilliseconds,
                updatedAtMilliseconds: request.expiresAtMilliseconds ?? 0, replaced: request.tags == nil)
        }
        func get(_ request: MemoryGet, _ context: PluginContext) async throws -> MemoryEntry? { nil }
        func search(_ request: MemorySearch, _ context: PluginContext) async throws -> [MemoryEntry] { [] }
        func list(_ request: MemoryList, _ context: PluginContext) async throws -> MemoryPage {
            MemoryPage(entries: [], cursor: request.cursor)
        }
        func forget(_ request: MemoryForget, _ context: PluginContext) async throws -> Int {
            Int(request.olderThanMilliseconds ?? 0)
        }
    }

    struct Shy: Judge {
        static let card = PluginCard("test/shy", version: "1.0.0", summary: "Abstains")
        static let criteria = [JudgeCriterion("truth", help: "nobody knows")]
        init(_ activation: Activation) throws {}
        func judge(_ request: JudgeRequest, _ context: PluginContext) async throws -> [JudgeScore] {
            [JudgeScore("truth", score: nil, explanation: "It is hard to say.")]
        }
    }

    struct Deaf: Notifier {
        static let card = PluginCard("test/deaf", version: "1.0.0", summary: "Fails for now")
        init(_ activation: Activation) throws {}
        func notify(_ notification: CorralSDK.Notification, _ context: PluginContext) async throws -> String? {
            guard notification.topic != "fine" else { return nil }
            throw AgentError("busy", "try later", retryable: true)
        }
    }

    struct Lines: Tracer {
        static let card = PluginCard("test/lines", version: "1.0.0", summary: "Counts bytes")
        init(_ activation: Activation) throws {}
        func export(_ batch: SpanBatch, _ context: PluginContext) async throws -> ExportReceipt {
            ExportReceipt(rejected: batch.json.count, message: "\(try batch.parsed()["a"] ?? .null)")
        }
    }

    private typealias Function =
        @convention(c) (
            UnsafeMutableRawPointer?, corral_call, UnsafePointer<corral_request>
        ) -> corral_status

    private func activate(_ plugin: LoadedPlugin, _ configuration: String = "{}") -> corral_status? {
        var text = configuration
        return text.withUTF8 { bytes in
            plugin.plugin.pointee.activate?(
                plugin.plugin.pointee.instance, corral_slice(data: bytes.baseAddress, size: bytes.count))
        }
    }

    private func call(_ plugin: LoadedPlugin, _ function: Function, _ body: String) async -> FakeCall.Record {
        let call = FakeCall(body)
        let status = function(plugin.plugin.pointee.instance, call.handle, call.request)
        if status != CORRAL_PENDING { _ = call.complete(status) }
        return await call.completion()
    }

    // MARK: What they declare

    @Test func theManifestHoldsKindClassesAndConfiguration() throws {
        let plugin = try LoadedPlugin(Plugin.export(Words.self, FakeHost.table()))
        let json = try #require(JSONSerialization.jsonObject(with: Data(plugin.manifest.utf8)) as? [String: Any])
        #expect(json["provides"] as? [String] == ["corral.scanner/1"])
        let classes = (json["scanner"] as? [String: Any])?["classes"] as? [[String: Any]]
        #expect(classes?.first?["name"] as? String == "word" && classes?.first?["severity"] as? String == "low")
        let fields = json["config"] as? [[String: Any]]
        #expect(fields?.first?["default"] as? String == "secret" && fields?.first?["type"] as? String == "string")
        let memory = try LoadedPlugin(Plugin.export(Empty.self, FakeHost.table()))
        #expect(memory.manifest.contains(#""grants":{"storage":true}"#), "\(memory.manifest)")
        let judge = try LoadedPlugin(Plugin.export(Shy.self, FakeHost.table()))
        #expect(judge.manifest.contains(#""judge":{"criteria":[{"name":"truth","help":"nobody knows"}]}"#))
        #expect(judge.table(CORRAL_EXT_SCANNER, as: corral_scanner.self) == nil)
    }

    // MARK: How they are made

    @Test func anInstanceIsMadeOfItsConfiguration() async throws {
        let plugin = try LoadedPlugin(Plugin.export(Words.self, FakeHost.table()))
        #expect(activate(plugin, #"{"word":"größe"}"#) == CORRAL_OK)
        let scan = try #require(plugin.table(CORRAL_EXT_SCANNER, as: corral_scanner.self)).pointee.scan
        let record = await call(plugin, scan, #"{"now_ms":1,"texts":[{"text":"x"},{"key":"k","text":"die größe"}]}"#)
        #expect(
            record.text
                == #"{"findings":[{"text":1,"start":4,"end":11,"severity":"low","confidence":1.0,"redaction":"[word]","class":"word"}]}"#
                || record.text.contains(#""start":4"#) && record.text.contains(#""class":"word""#), "\(record.text)")
    }

    @Test func aConfigurationThatCannotBeRefusesTheLoadAndSaysWhy() throws {
        let plugin = try LoadedPlugin(Plugin.export(Words.self, FakeHost.table()))
        #expect(activate(plugin, #"{"word":""}"#) == CORRAL_FAILED)
        #expect(FakeHost.log.withLock { $0.contains("test/words: the word is empty") })
    }

    @Test func withoutActivationNothingIsCalled() async throws {
        let plugin = try LoadedPlugin(Plugin.export(Words.self, FakeHost.table()))
        let scan = try #require(plugin.table(CORRAL_EXT_SCANNER, as: corral_scanner.self)).pointee.scan
        #expect(await call(plugin, scan, #"{"now_ms":1,"texts":[]}"#).status == CORRAL_UNSUPPORTED)
    }

    // MARK: What goes over the line

    @Test func aMemorysAnswersStateWhatIsNotThere() async throws {
        let plugin = try LoadedPlugin(Plugin.export(Empty.self, FakeHost.table()))
        #expect(activate(plugin) == CORRAL_OK)
        let table = try #require(plugin.table(CORRAL_EXT_MEMORY, as: corral_memory.self)).pointee
        #expect(await call(plugin, table.get, #"{"now_ms":1,"namespace":"a","key":"k"}"#).text == #"{"entry":null}"#)
        #expect(
            await call(plugin, table.search, #"{"now_ms":1,"namespaces":["a"],"query":"q","limit":3}"#).text
                == #"{"entries":[]}"#)
        #expect(
            await call(plugin, table.list, #"{"now_ms":1,"namespaces":[],"limit":3,"cursor":"c"}"#).text
                == #"{"entries":[],"cursor":"c"}"#)
        #expect(
            await call(plugin, table.forget, #"{"now_ms":1,"namespace":"a","older_than_ms":7}"#).text
                == #"{"forgotten":7}"#)
        let put = await call(
            plugin, table.put,
            #"{"now_ms":3,"namespace":"a","layer":"long_term","key":"k","text":"t","author":{"agent":"x/y"},"expires_at_ms":9}"#
        )
        #expect(put.text.contains(#""id":"long_term k x/y""#), "\(put.text)")
        #expect(put.text.contains(#""created_at_ms":3"#) && put.text.contains(#""updated_at_ms":9"#))
    }

    @Test func aRequestThatDoesNotFitIsNamed() async throws {
        let plugin = try LoadedPlugin(Plugin.export(Empty.self, FakeHost.table()))
        #expect(activate(plugin) == CORRAL_OK)
        let table = try #require(plugin.table(CORRAL_EXT_MEMORY, as: corral_memory.self)).pointee
        let record = await call(plugin, table.get, #"{"now_ms":"late","namespace":"a"}"#)
        #expect(record.status == CORRAL_INVALID)
        #expect(record.error?.message.contains("now_ms") == true, "\(record)")
    }

    @Test func anAbstentionIsStated() async throws {
        let plugin = try LoadedPlugin(Plugin.export(Shy.self, FakeHost.table()))
        #expect(activate(plugin) == CORRAL_OK)
        let judge = try #require(plugin.table(CORRAL_EXT_JUDGE, as: corral_judge.self)).pointee.judge
        let record = await call(
            plugin, judge, #"{"now_ms":1,"agent":"a/b","flow":"f","step":"s","run":"r","input":1,"output":null}"#)
        #expect(
            record.text == #"{"scores":[{"criterion":"truth","score":null,"explanation":"It is hard to say."}]}"#,
            "\(record)")
    }

    @Test func aFailedDeliverySaysWhetherToComeAgain() async throws {
        let plugin = try LoadedPlugin(Plugin.export(Deaf.self, FakeHost.table()))
        #expect(activate(plugin) == CORRAL_OK)
        let notify = try #require(plugin.table(CORRAL_EXT_NOTIFIER, as: corral_notifier.self)).pointee.notify
        func body(_ topic: String) -> String {
            #"{"now_ms":1,"id":"n","topic":"\#(topic)","title":"t","text":"x","severity":"info","time_ms":1,"data":{}}"#
        }
        let failed = await call(plugin, notify, body("other"))
        #expect(failed.status == CORRAL_FAILED)
        #expect(failed.error == .init(code: "busy", message: "try later", isRetryable: true, details: ""))
        #expect(await call(plugin, notify, body("fine")).text == "{}")
    }

    @Test func aBatchArrivesAsItWasWritten() async throws {
        let plugin = try LoadedPlugin(Plugin.export(Lines.self, FakeHost.table()))
        #expect(activate(plugin) == CORRAL_OK)
        let export = try #require(plugin.table(CORRAL_EXT_TRACER, as: corral_tracer.self)).pointee.export_spans
        let record = await call(plugin, export, #"{ "a" : 1 }"#)
        #expect(record.text == #"{"rejected":11,"message":"integer(1)"}"#, "\(record)")
    }
}

// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralPipeline
import CorralStore
import Testing

@Suite struct ScanningTests {
    private func request(_ bench: Bench) -> String? {
        bench.plugins.calls.last.map { String(decoding: $0.body, as: UTF8.self) }
    }

    private func findings(_ bench: Bench) async throws -> [JSON] {
        try await bench.spans().first?.attributes["corral.findings"]?.arrayValue ?? []
    }

    @Test func flagsAndLetsPass() async throws {
        let bench = try await Bench(scanner: ScriptedScanner())
        bench.plugins.answer { _ async throws(CallFailure) in .value(#"{"a": [1, "hush-2"]}"#) }
        let result = try await bench.pipeline.perform(bench.call(#"{"deep": {"x": "hush-1 hush-3"}}"#))
        #expect(request(bench) == #"{"deep": {"x": "hush-1 hush-3"}}"#)
        #expect(result.value["a"] == [1, "hush-2"])
        let found = try await findings(bench)
        #expect(found.map { $0["path"] } == ["a[1]", "deep.x"] && found.map { $0["count"] } == [1, 2])
        #expect(found.allSatisfy { $0["class"] == "passwords" && $0["action"] == "flag" })
    }

    @Test func redactsBeforeThePluginAndTheJournal() async throws {
        let bench = try await Bench(scanner: ScriptedScanner(), policy: .of(.redact))
        bench.plugins.answer { _ async throws(CallFailure) in .value(#"{"b": "hush-2", "n": 123456789}"#) }
        // Escapes, the names of members and numbers are what they stand for.
        let result = try await bench.pipeline.perform(
            bench.call(#"{"hush-7": "h\u0075sh-1", "hush-8": {"ssn": 123456789}, "price": 123456789}"#))
        #expect(
            request(bench)
                == #"{"[redacted:passwords]":"[redacted:passwords]","[redacted:passwords]#2":{"ssn":"[redacted:ssn]"},"price":123456789}"#
        )
        #expect(result.value == ["b": "[redacted:passwords]", "n": 123_456_789])
        let journal = "\(try await bench.events())"
        #expect(!journal.contains("hush-"))
    }

    @Test(arguments: [ScanDirection.request, .response]) func blocksWithoutSayingTheValue(
        _ direction: ScanDirection
    ) async throws {
        let bench = try await Bench(scanner: ScriptedScanner(), policy: .of(.block, direction))
        bench.plugins.answer { _ async throws(CallFailure) in .value(#"{"out": {"hush-22": "hush-2"}}"#) }
        let error = await failure { () async throws(CallFailure) in
            do { return try await bench.pipeline.perform(try bench.call(#"{"in": ["hush-1"]}"#)) } catch {
                throw error as? CallFailure ?? CallFailure(.internalFault("\(error)"))
            }
        }?.error
        #expect(error?.code == .contentBlocked)
        #expect(bench.plugins.calls.count == (direction == .request ? 0 : 1))
        let text = "\(error?.description ?? "")"
        #expect(text.contains("security.policy[0]") && text.contains("\"passwords\"") && !text.contains("hush-"))
        #expect(
            text.contains(direction == .request ? "in[0]" : "out (a member's name)") || text.contains("out.[redacted"))
        #expect(try await bench.spans().first?.attributes["corral.findings"]?.arrayValue?.isEmpty == false)
        #expect(!"\(try await bench.events())".contains("hush-2"))
    }

    @Test func firstRowThatFitsDecides() throws {
        var policy = ScanPolicy.of(.allow, .response, classes: ["ssn"], agents: ["acme/*"])
        policy.rules += ScanPolicy.of(.block).rules
        func action(_ foundClass: String, _ direction: ScanDirection, _ agent: String) throws -> ScanAction {
            policy.decision(foundClass, confidence: 1, direction, agent: try PluginID(agent), tenant: .standard).action
        }
        #expect(try action("ssn", .response, "acme/a") == .allow)
        #expect(try action("ssn", .request, "acme/a") == .block)
        #expect(try action("ssn", .response, "other/a") == .block)
        #expect(try action("iban", .response, "acme/a") == .block)
    }

    @Test func looksAtAValueOnce() async throws {
        let scanner = ScriptedScanner()
        let bench = try await Bench(scanner: scanner)
        let list = (0..<100).map { #""text number \#($0)""# }.joined(separator: ",")
        bench.plugins.answer { _ async throws(CallFailure) in .value(#"{"bars": [\#(list)]}"#) }
        _ = try await bench.pipeline.perform(bench.call("{}"))
        let asked = scanner.requests.joined().count
        #expect(asked >= 101)
        // What one step gave is the next one's input.
        _ = try await bench.pipeline.perform(bench.call(#"{"bars": [\#(list)], "other": "new"}"#, attempt: 2))
        let texts = scanner.requests.joined().filter { $0.hasPrefix("text number") }
        #expect(texts.count == 100 && scanner.requests.joined().contains("new"))
    }

    /// A new version may find what the old one passed.
    @Test func aReplacedScannerLooksAtEverythingAgain() async throws {
        let scanner = ScriptedScanner()
        let bench = try await Bench(scanner: scanner)
        let list = (0..<100).map { #""text number \#($0)""# }.joined(separator: ",")
        let texts = { scanner.requests.joined().count { $0.hasPrefix("text number") } }
        for attempt in 1...2 {
            _ = try await bench.pipeline.perform(bench.call(#"{"bars": [\#(list)]}"#, attempt: attempt))
        }
        #expect(texts() == 100)
        scanner.replace()
        _ = try await bench.pipeline.perform(bench.call(#"{"bars": [\#(list)]}"#, attempt: 3))
        #expect(texts() == 200)
    }

    @Test func aMandatedScannerThatIsMissingRefuses() async throws {
        var policy = ScanPolicy()
        policy.isRequired = true
        let bench = try await Bench(scanner: ScriptedScanner(isInstalled: false), policy: policy)
        let refused = await failure { () async throws(CallFailure) in
            guard let call = try? bench.call() else { throw CallFailure(.internalFault("no call")) }
            return try await bench.pipeline.perform(call)
        }
        #expect(refused?.error.code == .scannerMissing && bench.plugins.calls.isEmpty)
    }

    @Test func withoutAScannerEverythingPasses() async throws {
        let bench = try await Bench(scanner: ScriptedScanner(isInstalled: false))
        _ = try await bench.pipeline.perform(bench.call(#"{"x": "hush-1"}"#))
        #expect(request(bench) == #"{"x": "hush-1"}"#)
    }

    /// A scanner that fails stops what policy would have stopped, and notes what it would have noted.
    @Test func failsClosedWherePolicyEnforces() async throws {
        for (policy, passes) in [(ScanPolicy(), true), (.of(.block, .request), false), (.of(.redact), false)] {
            let scanner = ScriptedScanner()
            scanner.fail(CallFailure(.internalFault("hush-1"), fault: .call))
            let bench = try await Bench(scanner: scanner, policy: policy)
            let refused = await failure { () async throws(CallFailure) in
                guard let call = try? bench.call(#"{"x": "y"}"#) else { throw CallFailure(.internalFault("no call")) }
                return try await bench.pipeline.perform(call)
            }
            #expect((refused == nil) == passes)
            #expect(passes || (refused?.error.code == .scanFailed && refused?.error.isRetryable == true))
            #expect(!"\(String(describing: refused))".contains("hush-1"))
        }
    }

    @Test func asksAgainWhenTheScannerWasLost() async throws {
        let scanner = ScriptedScanner()
        scanner.fail(CallFailure(.internalFault("lost"), fault: .infrastructure), times: 1)
        let bench = try await Bench(scanner: scanner, policy: .of(.block, classes: ["iban"]))
        _ = try await bench.pipeline.perform(bench.call(#"{"x": "y"}"#))
        #expect(bench.plugins.calls.count == 1)
    }

    @Test(
        arguments: [
            ["findings": [["text": 9, "start": 0, "end": 1, "class": "ssn"]]],
            ["findings": [["text": 0, "start": 0, "end": 99, "class": "ssn"]]],
            ["findings": [["text": 0, "start": 2, "end": 1, "class": "ssn"]]],
            ["findings": [["text": 0, "start": 0, "end": 1, "class": "Not A Name"]]], ["found": []],
        ] as [JSON]) func takesNoFindingThatCannotBe(_ answer: JSON) async throws
    {
        let scanner = ScriptedScanner()
        scanner.answer(answer)
        let bench = try await Bench(scanner: scanner, policy: .of(.block))
        let refused = await failure { () async throws(CallFailure) in
            guard let call = try? bench.call(#"{"x": "y"}"#) else { throw CallFailure(.internalFault("no call")) }
            return try await bench.pipeline.perform(call)
        }
        #expect(refused?.error.code == .scanFailed)
    }

    @Test func redactsWhatAPluginSaysOfItsFailure() async throws {
        let bench = try await Bench(scanner: ScriptedScanner())
        bench.plugins.answer { _ async throws(CallFailure) in
            throw CallFailure(CorralError(.resultNotJSON, "cannot use hush-1", hint: "hush-2", cause: "hush-3"))
        }
        let refused = await failure { () async throws(CallFailure) in
            guard let call = try? bench.call() else { throw CallFailure(.internalFault("no call")) }
            return try await bench.pipeline.perform(call)
        }
        #expect(refused?.error.message == "cannot use [redacted:passwords]")
        #expect(refused?.error.code == .resultNotJSON)
        #expect(!"\(try await bench.events()) \(try await bench.spans())".contains("hush-"))
    }

    @Test func scansTextFilesAndNamesOfFiles() async throws {
        let bench = try await Bench(scanner: ScriptedScanner(), policy: .of(.redact, .response))
        let text = String(repeating: "a line of a report\n", count: 60_000) + "end hush-77"
        bench.plugins.answer { _ async throws(CallFailure) in
            .value(
                #"{"report": {"$artifact": "hush-5.txt"}, "image": {"$artifact": "b.png"}}"#,
                files: [
                    .init(name: "hush-5.txt", mediaType: "text/plain", content: .bytes(Array(text.utf8))),
                    .init(name: "b.png", mediaType: "image/png", content: .bytes([0, 1] + Array("hush-6".utf8))),
                ])
        }
        let result = try await bench.pipeline.perform(bench.call())
        let report = try #require(result.artifacts.first { $0.mediaType == "text/plain" })
        #expect(report.name == "[redacted:passwords].txt")
        let kept = try bench.artifacts.read(report.sha256)
        #expect(String(decoding: kept, as: UTF8.self) == text.replacing("hush-77", with: "[redacted:passwords]"))
        let image = try #require(result.artifacts.first { $0.mediaType == "image/png" })
        #expect(try bench.artifacts.read(image.sha256).count == 8)
    }
}

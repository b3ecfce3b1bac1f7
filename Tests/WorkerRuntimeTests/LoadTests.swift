// SPDX-License-Identifier: Apache-2.0
// LoadTests: each way a library can be refused, with its reason.

import CorralBase
import CorralSandbox
import CorralWire
import Foundation
import Testing

@Suite struct LoadTests {
    struct Refusal: CustomTestStringConvertible, Sendable {
        var name: String
        var reason: LoadFailedMessage.Reason
        var text: String
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(name: "absent-file", reason: .cannotOpen, text: "cannot open shared object file"),
        Refusal(name: "missing-dependency", reason: .missingDependency, text: "libcorral-absent.so"),
        Refusal(name: "no-entry", reason: .noEntryPoint, text: "corral_plugin_entry"),
        Refusal(name: "entry-null", reason: .refusedByPlugin, text: "returned NULL"),
        Refusal(name: "wrong-abi", reason: .wrongABI, text: "built for ABI 7.3, this worker speaks 0.1"),
        Refusal(name: "short-descriptor", reason: .badDescriptor, text: "holds no get_extension"),
        Refusal(name: "huge-manifest", reason: .manifestTooLarge, text: "263168 bytes"),
        Refusal(name: "missing-extension", reason: .missingExtension, text: "\"corral.agent/1\""),
    ]

    @Test(arguments: refusals)
    func refuses(_ refusal: Refusal) async throws {
        let worker = try await TestWorker.start()
        let failure = try worker.loadFailure(refusal.name)
        #expect(failure.reason == refusal.reason)
        #expect(failure.detail.contains(refusal.text), "\(failure.detail)")
        // The worker has lost nothing by it.
        _ = try worker.load("echo", number: 2)
        #expect(try worker.call("[1]", plugin: 2).text == "[1]")
    }

    @Test func refusesAPluginWhoseActivationFails() async throws {
        let worker = try await TestWorker.start()
        let path = Built.plugin("activation-fails")
        let failure = try worker.loadFailure(LoadMessage(plugin: 1, form: .plugin, path: path, isProbe: false))
        #expect(failure.reason == .activationFailed)
        #expect(failure.detail.contains("-2"))
    }

    @Test func aProbeDoesNotActivate() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("activation-fails", isProbe: true)
    }

    @Test func aProbeShowsAManifestThatCannotBeRead() async throws {
        let worker = try await TestWorker.start()
        let (manifest, _) = try worker.load("bad-manifest", isProbe: true)
        #expect(String(decoding: manifest, as: UTF8.self).hasPrefix("{\"id\": \"test/bad-manifest\""))
    }

    @Test func refusesAManifestThatDiffersFromTheProbed() async throws {
        let first = try await TestWorker.start()
        let (manifest, _) = try first.load("changing-manifest", isProbe: true)
        let second = try await TestWorker.start()
        let failure = try second.loadFailure(
            LoadMessage(
                plugin: 1, form: .plugin, path: Built.plugin("changing-manifest"), isProbe: false,
                expectedManifest: manifest))
        #expect(failure.reason == .manifestDiffers)
    }

    @Test func loadsAPluginWhoseManifestIsTheProbedOne() async throws {
        let probe = try await TestWorker.start()
        let (manifest, _) = try probe.load("echo", isProbe: true)
        let worker = try await TestWorker.start()
        let (again, _) = try worker.load("echo", expected: manifest)
        #expect(again.isEmpty)
        #expect(try worker.call("[1]").text == "[1]")
    }

    @Test func loadsManyPluginsSentInOneBurst() async throws {
        let worker = try await TestWorker.start()
        for number in 1...UInt32(20) {
            let name = number % 2 == 0 ? "echo" : "no-entry"
            try worker.socket.send(
                LoadMessage(plugin: number, form: .plugin, path: Built.plugin(name), isProbe: false).frame)
        }
        var answers: [UInt32] = []
        while answers.count < 20 {
            let frame = try worker.nextFrame()
            if frame.kind == .loaded { answers.append(try LoadedMessage(frame).plugin) }
            if frame.kind == .loadFailed { answers.append(try LoadFailedMessage(frame).plugin) }
        }
        #expect(answers == Array(1...20))
    }

    @Test func refusesANumberThatIsTaken() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo")
        #expect(try worker.loadFailure("print").detail.contains("taken"))
    }

    @Test func aPluginLogsWhyItRefuses() async throws {
        let worker = try await TestWorker.start()
        try worker.socket.send(
            LoadMessage(plugin: 5, form: .plugin, path: Built.plugin("entry-null"), isProbe: true).frame)
        let log = try LogMessage(worker.next(.log))
        #expect(log == LogMessage(plugin: 5, level: 4, text: "this plugin does not like this host"))
    }
}

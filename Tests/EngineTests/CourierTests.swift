// SPDX-License-Identifier: Apache-2.0
// CourierTests: news on their way to channels that work, fail, come back, and want no more.

import CorralBase
import CorralPipeline
import CorralStore
import Synchronization
import Testing

@testable import CorralEngine

@Suite struct CourierTests {
    private func settings(_ channels: String...) throws -> NotificationSettings {
        var settings = NotificationSettings()
        settings.channels = try channels.map {
            NotificationChannel(name: $0, plugin: try PluginID("test/notifier"), settings: ["for": .string($0)])
        }
        settings.rules = [NotificationRule(topics: [.runFailed], channels: channels)]
        return settings
    }

    private func notice(_ text: String = "step load: no such file", at: Int64 = 5) -> Notice {
        Notice(
            NoticeSubject(.runFailed, flow: "f"), .error, title: "f failed", text: text,
            data: ["run": "r1", "list": ["a", 1]], at: at)
    }

    private func states(_ bench: DeskBench) async throws -> [StoredDelivery.State] {
        try await bench.courier.list(state: nil, channel: nil, limit: 100).map(\.state)
    }

    @Test func newsReachEveryChannelThatARuleNames() async throws {
        let bench = try await DeskBench(settings("ops", "desk"))
        bench.notifier.answer { _, _ in ["detail": "the endpoint answered 204"] }
        await bench.courier.announce(notice())
        try await eventually("both are delivered") { try await states(bench) == [.delivered, .delivered] }
        let asked = bench.notifier.asked
        #expect(Set(asked.map { $0.body["settings"]?["for"]?.stringValue }) == ["ops", "desk"])
        #expect(asked.allSatisfy { $0.body["topic"] == "run_failed" && $0.body["severity"] == "error" })
        #expect(Set(asked.map { $0.body["id"]?.stringValue }).count == 2)
        let delivery = try #require(try await bench.courier.list(state: .delivered, channel: "ops", limit: 1).first)
        #expect(delivery.attempts.map(\.detail) == ["the endpoint answered 204"] && delivery.data["run"] == "r1")
        await bench.end()
    }

    @Test func newsThatNoRuleNamesGoNowhere() async throws {
        let bench = try await DeskBench(settings("ops"))
        await bench.courier.announce(.limit)
        #expect(try await states(bench).isEmpty && bench.notifier.asked.isEmpty)
        await bench.end()
    }

    @Test func failureIsTriedAgainByTheSchedule() async throws {
        let bench = try await DeskBench(settings("ops"))
        let failures = Atomic<Int>(2)
        bench.notifier.answer { _, _ async throws(CallFailure) in
            if failures.subtract(1, ordering: .relaxed).newValue >= 0 { throw .plugin("http_status", retryable: true) }
            return [:]
        }
        await bench.courier.announce(notice())
        try await eventually("one attempt") { bench.notifier.asked.count == 1 }
        try await eventually("it waits") { try await states(bench) == [.pending] }
        let first = try await bench.courier.find("msg_")
        let wait = try #require(first.nextAt) - bench.clock.wallNanoseconds()
        #expect((5_000_000_000...5_500_000_000).contains(wait), "\(wait)")
        for (seconds, count) in [(6, 2), (331, 3)] as [(Int64, Int)] {
            bench.clock.advance(seconds: seconds)
            await bench.courier.apply(try settings("ops"))
            try await eventually("attempt \(count)") { bench.notifier.asked.count == count }
            try await eventually("it is written") {
                try await bench.courier.find("msg_").attempts.count == count
            }
        }
        #expect(try await states(bench) == [.delivered])
        #expect(Set(bench.notifier.asked.map { $0.body["id"]?.stringValue }).count == 1, "one id in all attempts")
        await bench.end()
    }

    @Test func whatNoAttemptCanChangeFailsAtOnce() async throws {
        let bench = try await DeskBench(settings("ops"))
        bench.notifier.answer { _, _ async throws(CallFailure) in throw .plugin("invalid_settings", retryable: false) }
        await bench.courier.announce(notice())
        try await eventually("it failed") { try await states(bench) == [.failed] }
        #expect(bench.notifier.asked.count == 1)
        await bench.end()
    }

    @Test func aChannelThatIsGoneIsStoppedUntilSomebodyStartsIt() async throws {
        let bench = try await DeskBench(settings("ops", "desk"))
        bench.notifier.answer { _, body async throws(CallFailure) in
            if body["settings"]?["for"] == "ops" { throw .plugin("endpoint_gone", retryable: false) }
            return [:]
        }
        await bench.courier.announce(notice())
        try await eventually("it is stopped") { try await bench.courier.channels().contains { $0.stoppedAt != nil } }
        await bench.courier.announce(notice("again"))
        try await eventually("the other goes on") {
            try await bench.courier.list(state: .delivered, channel: "desk", limit: 9).count == 2
        }
        #expect(bench.notifier.asked.count { $0.body["settings"]?["for"] == "ops" } == 1)
        let failed = try #require(try await bench.courier.list(state: .failed, channel: "ops", limit: 9).first)
        bench.notifier.answer { _, _ in [:] }
        _ = try await bench.courier.retry(failed.id)
        try await eventually("all is delivered") {
            try await bench.courier.list(state: .delivered, channel: "ops", limit: 9).count == 2
        }
        await bench.end()
    }

    @Test func whatWaitsSurvivesTheHost() async throws {
        let folder = DeskFolder()
        let clock = HandClock()
        let first = try await DeskBench(settings("ops"), folder: folder, clock: clock)
        first.notifier.answer { _, _ async throws(CallFailure) in throw .plugin("http_status", retryable: true) }
        await first.courier.announce(notice())
        try await eventually("one attempt is written") {
            try await first.courier.find("msg_").attempts.count == 1
        }
        #expect(CourierMark(folder: folder.path).isSet, "a host that starts knows whom to open")
        await first.end()
        clock.advance(seconds: 10)
        let second = try await DeskBench(settings("ops"), folder: folder, clock: clock)
        await second.courier.start()
        try await eventually("it is delivered") { try await states(second) == [.delivered] }
        #expect(second.notifier.asked.first?.body["id"] == first.notifier.asked.first?.body["id"])
        #expect(try await second.courier.find("msg_").attempts.count == 2)
        try await eventually("nothing waits") { !CourierMark(folder: folder.path).isSet }
        await second.end()
    }

    @Test func everyTextIsRedactedBeforeItIsKept() async throws {
        let bench = try await DeskBench(settings("ops")) { texts in texts.map { "<\($0)>" } }
        await bench.courier.announce(notice("secret"))
        try await eventually("it is delivered") { try await states(bench) == [.delivered] }
        let body = try #require(bench.notifier.asked.first?.body)
        #expect(body["title"] == "<f failed>" && body["text"] == "<secret>")
        #expect(body["data"] == ["run": "<r1>", "list": ["<a>", 1]])
        let kept = try await bench.courier.find("msg_")
        #expect(kept.text == "<secret>" && kept.data["list"] == ["<a>", 1])
        await bench.end()
    }

    @Test func aHangingChannelHoldsUpNoOther() async throws {
        let bench = try await DeskBench(settings("slow", "fast"))
        let gate = AsyncStream.makeStream(of: Void.self)
        bench.notifier.answer { _, body async throws(CallFailure) in
            if body["settings"]?["for"] == "slow" { for await _ in gate.stream { break } }
            return [:]
        }
        for _ in 0..<3 { await bench.courier.announce(notice()) }
        try await eventually("three are through") {
            try await bench.courier.list(state: .delivered, channel: "fast", limit: 9).count == 3
        }
        #expect(bench.notifier.asked.count { $0.body["settings"]?["for"] == "slow" } == 1, "one at a time")
        #expect(await bench.courier.isBusy)
        gate.continuation.finish()
        try await eventually("all are through") { try await states(bench).allSatisfy { $0 == .delivered } }
        await bench.end()
    }

    @Test func moreThanCanWaitIsDroppedAndCounted() async throws {
        let bench = try await DeskBench(settings("ops"))
        bench.notifier.answer { _, _ async throws(CallFailure) in throw .plugin("http_status", retryable: true) }
        let deliveries = (0..<Limits.deliveriesPendingMax).map { number in
            StoredDelivery(
                id: "msg_a\(number)", channel: "ops", plugin: "test/notifier", topic: "run_failed", severity: "error",
                title: "", text: "", data: .null, createdAt: 1)
        }
        #expect(try await bench.journal.withStore { try $0.addDeliveries(deliveries) } == 0)
        await bench.courier.announce(notice())
        #expect(await bench.courier.dropped == 1)
        await bench.end()
    }

    @Test func testSaysWhatBecameOfIt() async throws {
        let bench = try await DeskBench(settings("ops"))
        #expect(try await bench.courier.test("ops").state == .delivered)
        bench.notifier.answer { _, _ async throws(CallFailure) in throw .plugin("invalid_settings", retryable: false) }
        let failed = try await bench.courier.test("ops")
        #expect(failed.state == .failed && failed.attempts.first?.error?.code.name == "invalid_settings")
        let error = await #expect(throws: CorralError.self) { try await bench.courier.test("opps") }
        #expect(error?.code.number == 1004 && error?.hint?.contains("ops") == true)
        await bench.end()
    }
}

extension Notice {
    fileprivate static let limit = Notice(NoticeSubject(.limitWarning), .warning, title: "x", text: "y", at: 1)
}

@Suite struct DeliveryScheduleTests {
    private func error(_ code: String, retryable: Bool = true, _ details: String? = nil) -> CorralError {
        CallFailure.plugin(code, retryable: retryable, details: details).error
    }

    @Test func waitsAsStandardWebhooksRecommends() {
        let waits = (1...10).map { DeliverySchedule.wait(after: $0, chance: 0).map { $0 / 1_000_000_000 } }
        #expect(waits == [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, nil])
        let total: Int64 = waits.compactMap(\.self).reduce(0, +)
        #expect(total == 272_105, "75:35:05 in all")
        #expect(DeliverySchedule.wait(after: 2, chance: 1) == 330_000_000_000, "a tenth by chance")
    }

    @Test func aReceiversWishCountsWhenItIsLonger() {
        func wait(_ details: String) -> Int64? {
            guard case .again(let wait) = DeliverySchedule.verdict(on: error("x", details), attempts: 1, chance: 0)
            else { return nil }
            return wait / 1_000_000_000
        }
        #expect(wait(#"{"retry_after_ms": 60000}"#) == 60)
        #expect(wait(#"{"retry_after_ms": 1000}"#) == 5)
        #expect(wait(#"{"retry_after_ms": 9000000000000}"#) == 86_400)
        #expect(wait("{broken") == 5)
        #expect(wait("no details") == 5)
    }

    @Test func verdictsTellGoneFromFailedFromLater() {
        #expect(DeliverySchedule.verdict(on: error("endpoint_gone"), attempts: 1, chance: 0) == .gone)
        #expect(DeliverySchedule.verdict(on: error("x", retryable: false), attempts: 1, chance: 0) == .failed)
        #expect(DeliverySchedule.verdict(on: error("x"), attempts: 10, chance: 0) == .failed)
        #expect(DeliverySchedule.verdict(on: error("x"), attempts: 1, chance: 0) == .again(5_000_000_000))
    }
}

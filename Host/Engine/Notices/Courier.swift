// SPDX-License-Identifier: Apache-2.0
// Courier: brings news to channels. What is to be sent is in the tenant's store before anything is sent, so it survives the
// host; a channel gets one message at a time, the oldest that is due first, and a slow channel holds up no other.

import CorralBase
import CorralPipeline
import CorralStore
import Logging

import class CorralSupervision.Lane

extension Limits {
    /// Channels of one tenant that are sent to at once.
    package static let deliveriesAtOnceMax = 8
    /// News that wait to be written down; each is some kilobytes, and writing takes milliseconds.
    package static let noticesWaitingMax = 1_024
}

/// How the courier asks a notifier.
package typealias NotifierCall = @Sendable (PluginID, JSONObject) async throws(CallFailure) -> JSON

/// One per tenant, on the tenant's lane.
package actor Courier {
    private nonisolated let lane: Lane
    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    private let tenant: TenantID
    private let journal: JournalWriter
    private let clock: any HostClock
    private let log: Logger
    private let notify: NotifierCall
    private let redact: @Sendable ([String]) async -> [String]
    private let mark: CourierMark
    private var settings: NotificationSettings
    /// What waits, by channel, in the order of its making. Those that are being sent are in it too.
    private var pending: [String: [StoredDelivery]] = [:]
    private var stopped: [String: Int64] = [:]
    private var sending: Set<String> = []
    private var writing = 0
    private var timer: Lane.TimerID?
    private var isOver = false
    /// Who waits for the first attempt at a delivery.
    private var firstAttempts: [String: CheckedContinuation<Void, Never>] = [:]
    private var chance = SeededGenerator(seed: .random(in: 0 ... .max))
    /// News that were lost: they came faster than they could be written, or too many wait already.
    package private(set) var dropped = 0

    /// The longest a notifier may take for one attempt; it has shorter ones of its own.
    static let timeout: Duration = .seconds(150)

    /// - Parameters:
    ///   - folder: the tenant's.
    ///   - notify: calls a notifier within a time.
    ///   - redact: takes out of texts what must not leave the sealed journal.
    init(
        tenant: TenantID, lane: Lane, journal: JournalWriter, clock: any HostClock, log: Logger,
        folder: String, settings: NotificationSettings, notify: @escaping NotifierCall,
        redact: @escaping @Sendable ([String]) async -> [String]
    ) {
        mark = CourierMark(folder: folder)
        self.tenant = tenant
        self.lane = lane
        self.journal = journal
        self.clock = clock
        self.log = log
        self.settings = settings
        self.notify = notify
        self.redact = redact
    }

    /// What an earlier host left to be sent.
    package func start() async {
        do {
            let (waiting, stopped) = try await journal.withStore {
                (try $0.pendingDeliveries(), try $0.stoppedChannels())
            }
            self.stopped = stopped
            if waiting.isEmpty { mark.clear() }
            for delivery in waiting.sorted(by: { $0.id < $1.id }) {
                pending[delivery.channel, default: []].append(delivery)
            }
            pump()
        } catch {
            log.error("cannot read what waits to be sent: \(error)", metadata: ["tenant": "\(tenant)"])
        }
    }

    package func apply(_ settings: NotificationSettings) {
        self.settings = settings
        pump()
    }

    /// No attempt begins after this; those under way end with the workers, and are made again by the next host.
    package func stop() {
        isOver = true
        for waiter in firstAttempts.values { waiter.resume() }
        firstAttempts = [:]
        if let timer { lane.cancel(timer) }
        timer = nil
    }

    /// Attempts under way, and news on their way into the store: a host that leaves when idle waits for them.
    package var isBusy: Bool { !sending.isEmpty || writing > 0 || hasDue }

    private var hasDue: Bool {
        let now = clock.wallNanoseconds()
        return pending.contains { canSend($0.key) && $0.value.contains { $0.isDue(now) } }
    }

    // MARK: News

    /// Whether anybody wants to hear of it; who makes news asks first.
    package func wants(_ topic: NoticeTopic) -> Bool { settings.wants(topic) }

    /// Sends news to the channels whose rules name them. Returns when they are in the store.
    package func announce(_ notice: Notice) async {
        await send(notice, to: settings.recipients(of: notice.subject))
    }

    /// Sends a message that says who sent it, and starts the channel when it was stopped. Returns after the first attempt.
    /// - Throws: `channel_unknown`, `notices_full`.
    package func test(_ name: String) async throws -> StoredDelivery {
        let channel = try channel(name)
        try await startChannel(name)
        let ids = await send(.test(name, tenant: tenant, at: clock.wallNanoseconds()), to: [channel])
        guard let id = ids.first else { throw CorralError.noticesFull(tenant) }
        await withCheckedContinuation { continuation in
            if isOver { continuation.resume() } else { firstAttempts[id] = continuation }
        }
        return try await find(id)
    }

    @discardableResult
    private func send(_ notice: Notice, to channels: [NotificationChannel]) async -> [String] {
        guard !channels.isEmpty, !isOver else { return [] }
        guard writing < Limits.noticesWaitingMax else {
            dropped += channels.count
            return []
        }
        writing += 1
        defer { writing -= 1 }
        let safe = await redacted(notice)
        let deliveries = channels.map { delivery(of: safe, to: $0) }
        mark.set()
        do {
            let lost = try await journal.withStore { try $0.addDeliveries(deliveries) }
            dropped += lost
            let kept = deliveries.dropLast(lost)
            for delivery in kept { pending[delivery.channel, default: []].append(delivery) }
            pump()
            return kept.map(\.id)
        } catch {
            dropped += deliveries.count
            log.error("news are lost: \(error)", metadata: ["tenant": "\(tenant)", "topic": "\(notice.subject.topic)"])
            return []
        }
    }

    /// Every text of it, names of members excepted.
    private func redacted(_ notice: Notice) async -> Notice {
        var texts = [notice.title, notice.text]
        JSON.object(notice.data).collectTexts(&texts)
        var safe = await redact(texts)[...]
        guard safe.count == texts.count else { return notice }
        var result = notice
        result.title = safe.removeFirst()
        result.text = safe.removeFirst()
        result.data = JSON.object(notice.data).replacingTexts(&safe).objectValue ?? [:]
        return result
    }

    private func delivery(of notice: Notice, to channel: NotificationChannel) -> StoredDelivery {
        let now = clock.wallNanoseconds()
        let time = RunID(
            milliseconds: UInt64(max(0, now)) / 1_000_000, random: UInt32(truncatingIfNeeded: chance.next()))
        let more = String(chance.next() | 1 << 63, radix: 36).suffix(8)
        return StoredDelivery(
            id: "msg_" + time.text.dropFirst() + more, channel: channel.name, plugin: channel.plugin.text,
            topic: notice.subject.topic.rawValue, severity: notice.severity.rawValue, run: notice.run,
            title: notice.title, text: notice.text, data: .object(notice.data), createdAt: notice.at)
    }

    // MARK: Sending

    private func canSend(_ channel: String) -> Bool { !sending.contains(channel) && stopped[channel] == nil }

    /// Begins what is due, and sets the timer for what is next.
    private func pump() {
        guard !isOver else { return }
        let now = clock.wallNanoseconds()
        var next = Int64.max
        for (channel, waiting) in pending where canSend(channel) {
            guard sending.count < Limits.deliveriesAtOnceMax, let first = waiting.first(where: { $0.isDue(now) }) else {
                next = waiting.reduce(next) { min($0, $1.nextAt ?? now) }
                continue
            }
            sending.insert(channel)
            // Not structured: an attempt ends with its call, which has a deadline.
            Task { await self.attempt(first) }
        }
        if let timer { lane.cancel(timer) }
        timer = nil
        guard next < .max, next > now else { return }
        // A clock that is set must not put anything off for long.
        let wait = min(UInt64(next - now), 60_000_000_000)
        timer = lane.after(nanoseconds: wait) { [weak self] in self?.assumeIsolated { $0.pump() } }
    }

    private func attempt(_ delivery: StoredDelivery) async {
        var delivery = delivery
        let began = clock.wallNanoseconds()
        let since = clock.monotonicNanoseconds()
        let outcome = await ask(delivery)
        let took = Int64(clamping: clock.monotonicNanoseconds() &- since)
        sending.remove(delivery.channel)
        guard !isOver else { return }
        defer { firstAttempts.removeValue(forKey: delivery.id)?.resume() }
        switch outcome {
        case .success(let detail):
            delivery.attempts.append(DeliveryAttempt(at: began, tookNanoseconds: took, detail: detail))
            finish(&delivery, .delivered)
        case .failure(let error):
            delivery.attempts.append(DeliveryAttempt(at: began, tookNanoseconds: took, error: error))
            await failed(&delivery, error)
        }
        await write(delivery)
        pump()
    }

    private func ask(_ delivery: StoredDelivery) async -> Result<String?, CorralError> {
        guard let channel = settings.channel(delivery.channel) else {
            return .failure(.channelUnknown(delivery.channel, known: settings.channels.map(\.name)))
        }
        if let problem = channel.problem { return .failure(.channelUnusable(channel.name, problem)) }
        do throws(CallFailure) {
            let answer = try await notify(channel.plugin, body(of: delivery, channel))
            return .success(answer["detail"]?.stringValue.map { String($0.prefix(500)) })
        } catch {
            // A worker that was lost may have sent it; who receives it twice knows it by its id.
            var failure = error.error
            if error.fault != .call { failure = failure.retryable }
            return .failure(failure)
        }
    }

    private func body(of delivery: StoredDelivery, _ channel: NotificationChannel) -> JSONObject {
        [
            "id": .string(delivery.id), "topic": .string(delivery.topic), "title": .string(delivery.title),
            "text": .string(delivery.text), "severity": .string(delivery.severity),
            "time_ms": .int(delivery.createdAt / 1_000_000), "data": delivery.data, "settings": channel.settings,
        ]
    }

    private func failed(_ delivery: inout StoredDelivery, _ error: CorralError) async {
        let chance = Double(chance.next() >> 11) / Double(UInt64(1) << 53)
        switch DeliverySchedule.verdict(on: error, attempts: delivery.attempts.count, chance: chance) {
        case .again(let wait):
            delivery.nextAt = clock.wallNanoseconds() + wait
            if let index = pending[delivery.channel]?.firstIndex(where: { $0.id == delivery.id }) {
                pending[delivery.channel]?[index] = delivery
            }
        case .failed: giveUp(&delivery, error)
        case .gone:
            giveUp(&delivery, error)
            await stopChannel(delivery.channel, error)
        }
    }

    private func giveUp(_ delivery: inout StoredDelivery, _ error: CorralError) {
        finish(&delivery, .failed)
        log.warning(
            "\(delivery.id) was not delivered to channel \"\(delivery.channel)\": \(error.message)",
            metadata: ["tenant": "\(tenant)", "topic": "\(delivery.topic)"])
    }

    private func finish(_ delivery: inout StoredDelivery, _ state: StoredDelivery.State) {
        delivery.state = state
        delivery.nextAt = nil
        delivery.finishedAt = clock.wallNanoseconds()
        pending[delivery.channel]?.removeAll { [id = delivery.id] in $0.id == id }
        if pending[delivery.channel]?.isEmpty == true { pending[delivery.channel] = nil }
        if pending.isEmpty, writing == 0 { mark.clear() }
    }

    /// Nothing goes there any more until somebody starts it again.
    private func stopChannel(_ channel: String, _ error: CorralError) async {
        let now = clock.wallNanoseconds()
        stopped[channel] = now
        let rest = pending.removeValue(forKey: channel) ?? []
        try? await journal.withStore { try $0.stop(channel: channel, at: now) }
        for var delivery in rest {
            delivery.attempts.append(DeliveryAttempt(at: now, tookNanoseconds: 0, error: .channelStopped(channel)))
            finish(&delivery, .failed)
            await write(delivery)
        }
        log.warning(
            "nothing is sent to channel \"\(channel)\" any more: \(error.message)", metadata: ["tenant": "\(tenant)"])
    }

    private func write(_ delivery: StoredDelivery) async {
        do {
            try await journal.withStore { try $0.update(delivery) }
        } catch {
            // It is sent again by the next host, under the same id.
            log.error("\(delivery.id) cannot be written: \(error)", metadata: ["tenant": "\(tenant)"])
        }
    }

    // MARK: For people

    package func list(
        state: StoredDelivery.State?, channel: String?, limit: Int
    ) async throws -> [StoredDelivery] {
        try await journal.withStore { try $0.deliveries(state: state, channel: channel, limit: limit) }
    }

    /// - Throws: `delivery_unknown` when no or several deliveries begin so.
    package func find(_ id: String) async throws -> StoredDelivery {
        let found = try await journal.withStore { try $0.deliveries(beginning: id) }
        guard found.count == 1 else { throw CorralError.deliveryUnknown(id, matches: found.map(\.id)) }
        return found[0]
    }

    /// Tries a delivery again now, and starts its channel when it was stopped.
    /// - Throws: `delivery_unknown`, `delivery_done`.
    package func retry(_ id: String) async throws -> StoredDelivery {
        var delivery = try await find(id)
        guard delivery.state != .delivered else { throw CorralError.deliveryDone(delivery.id) }
        try await startChannel(delivery.channel)
        let now = clock.wallNanoseconds()
        // Now, and then as the schedule goes on from the attempts that were made.
        delivery.state = .pending
        delivery.finishedAt = nil
        delivery.nextAt = now
        await write(delivery)
        pending[delivery.channel, default: []].removeAll { $0.id == delivery.id }
        pending[delivery.channel, default: []].insert(delivery, at: 0)
        pump()
        return delivery
    }

    /// Sends to a channel again. What failed meanwhile is retried one by one: `retry`.
    package func startChannel(_ name: String) async throws {
        guard stopped.removeValue(forKey: name) != nil else { return }
        try await journal.withStore { try $0.start(channel: name) }
        pump()
    }

    package func channels() async throws -> [(channel: NotificationChannel, stoppedAt: Int64?, waiting: Int)] {
        settings.channels.map { ($0, stopped[$0.name], pending[$0.name]?.count ?? 0) }
    }

    private func channel(_ name: String) throws -> NotificationChannel {
        guard let channel = settings.channel(name) else {
            throw CorralError.channelUnknown(name, known: settings.channels.map(\.name))
        }
        return channel
    }
}

extension StoredDelivery {
    fileprivate func isDue(_ now: Int64) -> Bool { (nextAt ?? now) <= now }
}

extension CorralError {
    fileprivate var retryable: CorralError {
        CorralError(code, message, hint: hint, cause: cause, isRetryable: true)
    }
}

extension JSON {
    /// Every text in it, in order; names of members are not texts.
    func collectTexts(_ texts: inout [String]) {
        switch self {
        case .string(let text): texts.append(text)
        case .array(let elements): for element in elements { element.collectTexts(&texts) }
        case .object(let object): for member in object.members { member.value.collectTexts(&texts) }
        case .null, .bool, .int, .double: break
        }
    }

    /// The same with other texts, in the order in which `collectTexts` gave them.
    func replacingTexts(_ texts: inout ArraySlice<String>) -> JSON {
        switch self {
        case .string: return .string(texts.popFirst() ?? "")
        case .array(let elements): return .array(elements.map { $0.replacingTexts(&texts) })
        case .object(let object):
            return .object(JSONObject(object.members.map { ($0.key, $0.value.replacingTexts(&texts)) }))
        case .null, .bool, .int, .double: return self
        }
    }
}

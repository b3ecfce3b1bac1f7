// SPDX-License-Identifier: Apache-2.0
// TextScanner: asks the tenant's scanners about texts, and remembers what they said, so that a value handed on from step to
// step is looked at once.

import CorralBase
import CorralStore

/// How the pipeline reaches scanners. The engine implements it by infrastructure calls; tests script it.
package protocol ScanBackend: Sendable {
    /// The scanners that policy names, or all that the operator installed; and those it names that are not there.
    func scanners(_ wanted: [PluginID]?) -> (present: [PluginID], missing: [PluginID])
    /// Another text for each scanner whenever it may find something else: its content or its configuration has changed.
    func version(of scanner: PluginID) -> String
    /// The answer of a scanner to `scan`.
    func scan(_ scanner: PluginID, _ body: JSON, about call: Call?) async throws(CallFailure) -> JSON
}

/// A text to look at, and the name it goes by.
package struct ScanText: Sendable, Hashable {
    package var key: String?
    package var text: String

    package init(_ text: String, key: String? = nil) {
        self.text = text
        self.key = key
    }
}

/// A sensitive value in a text.
package struct Finding: Sendable, Hashable {
    /// UTF-8 byte offsets, on characters' borders.
    package var range: Range<Int>
    package var foundClass: String
    package var severity: String
    package var confidence: Double
    /// What stands in its place.
    package var redaction: String

    package init(range: Range<Int>, foundClass: String, severity: String, confidence: Double, redaction: String) {
        self.range = range
        self.foundClass = foundClass
        self.severity = severity
        self.confidence = confidence
        self.redaction = redaction
    }
}

/// One per tenant, on the tenant's lane.
package actor TextScanner {
    private nonisolated let executor: any SerialExecutor & TaskExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let backend: any ScanBackend
    package private(set) var policy: ScanPolicy
    private var memory = ScanMemory()
    /// Texts that scanners were asked about, for whoever measures.
    package private(set) var textsAsked = 0

    package init(backend: any ScanBackend, policy: ScanPolicy, executor: any SerialExecutor & TaskExecutor) {
        self.backend = backend
        self.policy = policy
        self.executor = executor
    }

    package func setPolicy(_ policy: ScanPolicy) { self.policy = policy }

    /// Whether anything would be looked at: false when scanning is off, or no scanner is installed and none demanded.
    package var isUseful: Bool {
        policy.isOn && (policy.isRequired || !backend.scanners(policy.scanners).present.isEmpty)
    }

    /// Why values pass unseen, or calls are refused for it; nil when all that should look can.
    package var problem: String? {
        guard policy.isOn else { return "nothing is scanned: security.enabled is false" }
        let (present, missing) = backend.scanners(policy.scanners)
        let consequence = policy.isRequired ? "every call is refused" : "values pass unseen and copies are not redacted"
        if present.isEmpty, missing.isEmpty { return "no scanner is installed: \(consequence)" }
        guard !missing.isEmpty else { return nil }
        let names = missing.map { "\"\($0)\"" }.joined(separator: ", ")
        return "the scanner \(names) is not there: "
            + (present.isEmpty || policy.isRequired ? consequence : "only the others look")
    }

    /// What the scanners find in each text, by place and without overlaps.
    /// - Throws: `scanner_missing`, `scan_failed`; as a failure of the scanner's call.
    package func findings(in texts: [ScanText], about call: Call? = nil) async throws(CallFailure) -> [[Finding]] {
        let scanners = try usable()
        let versions = noteVersions(of: scanners)
        var found = [[Finding]](repeating: [], count: texts.count)
        var asked: [UInt64: [Int]] = [:]
        var missing: [Int] = []
        for (index, text) in texts.enumerated() where !text.text.isEmpty {
            let hash = ScanMemory.hash(text)
            if let known = memory[hash] {
                found[index] = known
            } else if asked[hash]?.append(index) == nil {
                asked[hash] = [index]
                missing.append(index)
            }
        }
        for batch in Self.batches(of: missing, texts) {
            let answers = try await ask(scanners, batch.map { texts[$0] }, about: call)
            for (index, findings) in zip(batch, answers) {
                let hash = ScanMemory.hash(texts[index])
                // A scanner that was replaced meanwhile may find more.
                if memory.versions == versions { memory[hash] = findings }
                for same in asked[hash] ?? [] { found[same] = findings }
            }
        }
        return found
    }

    /// The texts of a value, without the parts that are known to hold nothing.
    func texts(of value: JSON) -> ValueTexts {
        if let scanners = try? usable() { noteVersions(of: scanners) }
        return ValueTexts(of: value, known: memory)
    }

    /// Remembers the parts of a value in which nothing was found.
    func remember(_ texts: ValueTexts, _ found: [[Finding]]) {
        guard memory.versions == texts.versions else { return }
        for part in texts.parts where found[part.texts].allSatisfy(\.isEmpty) { memory.markClean(part.hash) }
    }

    /// Forgets what other scanners said than those of now.
    @discardableResult
    private func noteVersions(of scanners: [PluginID]) -> [String] {
        let versions = scanners.map { "\($0) \(backend.version(of: $0))" }
        memory.note(versions)
        return versions
    }

    /// - Throws: `scanner_missing` when one is demanded.
    private func usable() throws(CallFailure) -> [PluginID] {
        guard policy.isOn else { return [] }
        let (present, missing) = backend.scanners(policy.scanners)
        if policy.isRequired, present.isEmpty || !missing.isEmpty { throw CallFailure(.scannerMissing(missing)) }
        return present
    }

    private func ask(
        _ scanners: [PluginID], _ texts: [ScanText], about call: Call?
    ) async throws(CallFailure) -> [[Finding]] {
        var found = [[Finding]](repeating: [], count: texts.count)
        guard !scanners.isEmpty else { return found }
        textsAsked += texts.count
        let body: JSON = ["texts": .array(texts.map(\.json))]
        for scanner in scanners {
            let answer = try await answer(of: scanner, body, about: call)
            guard let all = Finding.all(in: answer, of: texts) else {
                throw CallFailure(.scanFailed(scanner, cause: "its findings cannot be read"))
            }
            for (index, findings) in all.enumerated() { found[index] += findings }
        }
        return found.map(Finding.joined)
    }

    /// A scanner that was lost with its worker is asked once more: what it looks at may have had no part in it.
    private func answer(
        of scanner: PluginID, _ body: JSON, about call: Call?
    ) async throws(CallFailure) -> JSON {
        do throws(CallFailure) {
            return try await backend.scan(scanner, body, about: call)
        } catch {
            guard error.fault == .infrastructure else { throw failed(scanner, error) }
            do throws(CallFailure) { return try await backend.scan(scanner, body, about: call) } catch {
                throw failed(scanner, error)
            }
        }
    }

    private func failed(_ scanner: PluginID, _ failure: CallFailure) -> CallFailure {
        // The scanner's own words may quote what it read: only the code of its error goes on.
        CallFailure(.scanFailed(scanner, cause: failure.error.code.name))
    }

    /// In order, each within the bounds of one request.
    private static func batches(of indices: [Int], _ texts: [ScanText]) -> [[Int]] {
        var batches: [[Int]] = []
        var (batch, bytes): ([Int], Int) = ([], 0)
        for index in indices {
            let size = texts[index].text.utf8.count
            if !batch.isEmpty, batch.count >= Limits.scanTextsMax || bytes + size > Limits.scanBytesMax {
                batches.append(batch)
                (batch, bytes) = ([], 0)
            }
            batch.append(index)
            bytes += size
        }
        return batch.isEmpty ? batches : batches + [batch]
    }
}

extension ScanText {
    fileprivate var json: JSON {
        var object = JSONObject()
        object["key"] = key.map { .string($0) }
        object["text"] = .string(text)
        return .object(object)
    }
}

extension Finding {
    /// A scanner's answer is a stranger's word: ranges outside of a text or across a character make it unusable.
    /// - Returns: the findings of each text; nil when it cannot be read.
    static func all(in answer: JSON, of texts: [ScanText]) -> [[Finding]]? {
        guard let findings = answer["findings"]?.arrayValue else { return nil }
        var all = [[Finding]](repeating: [], count: texts.count)
        for finding in findings {
            guard let index = finding["text"]?.intValue.flatMap({ Int(exactly: $0) }), texts.indices.contains(index),
                let read = Finding(finding, in: texts[index].text)
            else { return nil }
            all[index].append(read)
        }
        return all
    }

    private init?(_ json: JSON, in text: String) {
        guard let start = json["start"]?.intValue.flatMap({ Int(exactly: $0) }),
            let end = json["end"]?.intValue.flatMap({ Int(exactly: $0) }), start >= 0, start < end,
            end <= text.utf8.count, text.isBorder(start), text.isBorder(end),
            let foundClass = json["class"]?.stringValue, Self.isName(foundClass)
        else { return nil }
        let severity = json["severity"]?.stringValue ?? "medium"
        self.init(
            range: start..<end, foundClass: foundClass,
            severity: ["low", "medium", "high", "critical"].contains(severity) ? severity : "medium",
            confidence: min(1, max(0, json["confidence"]?.doubleValue ?? 1)),
            redaction: String((json["redaction"]?.stringValue ?? "[redacted:\(foundClass)]").prefix(256)))
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5f }
    }

    /// By place; where two meet they are one, so that nothing of either stays.
    static func joined(_ findings: [Finding]) -> [Finding] {
        var joined: [Finding] = []
        for next in findings.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            if let last = joined.last, next.range.lowerBound < last.range.upperBound {
                joined[joined.count - 1].range =
                    last.range.lowerBound..<max(last.range.upperBound, next.range.upperBound)
            } else {
                joined.append(next)
            }
        }
        return joined
    }
}

extension String {
    /// Whether a UTF-8 offset lies between two characters' bytes.
    fileprivate func isBorder(_ offset: Int) -> Bool {
        guard offset < utf8.count else { return true }
        return utf8[utf8.index(utf8.startIndex, offsetBy: offset)] & 0xc0 != 0x80
    }

    /// The text with each finding replaced.
    package func redacted(_ findings: [Finding]) -> String {
        guard !findings.isEmpty else { return self }
        let bytes = Array(utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var end = 0
        for finding in findings {
            result += bytes[end..<finding.range.lowerBound]
            result += finding.redaction.utf8
            end = finding.range.upperBound
        }
        return String(decoding: result + bytes[end...], as: UTF8.self)
    }
}

// SPDX-License-Identifier: Apache-2.0
// ScriptedScanner: stands for the tenant's scanners: finds `hush-` with digits behind it, and nine digits under `ssn`.

import CorralBase
import CorralPipeline
import Synchronization

final class ScriptedScanner: ScanBackend {
    private struct State {
        var installed: [PluginID] = []
        var requests: [[String]] = []
        var failure: CallFailure?
        var failuresLeft = 0
        var answer: JSON?
        var version = 1
    }

    private let state = Mutex(State())

    /// - Parameter installed: whether the scanner is there.
    init(isInstalled: Bool = true) {
        if isInstalled, let id = try? PluginID("corral/scanner-test") { state.withLock { $0.installed = [id] } }
    }

    /// The texts of each request so far.
    var requests: [[String]] { state.withLock { $0.requests } }

    func fail(_ failure: CallFailure, times: Int = .max) {
        state.withLock { ($0.failure, $0.failuresLeft) = (failure, times) }
    }

    /// Answers so, whatever it is asked.
    func answer(_ json: JSON) { state.withLock { $0.answer = json } }

    func scanners(_ wanted: [PluginID]?) -> (present: [PluginID], missing: [PluginID]) {
        let installed = state.withLock { $0.installed }
        guard let wanted else { return (installed, []) }
        return (wanted.filter(installed.contains), wanted.filter { !installed.contains($0) })
    }

    func version(of scanner: PluginID) -> String { state.withLock { "\($0.version)" } }

    /// Another version takes over, as after a hot reload.
    func replace() { state.withLock { $0.version += 1 } }

    func scan(_ scanner: PluginID, _ body: JSON, about call: Call?) async throws(CallFailure) -> JSON {
        let texts = body["texts"]?.arrayValue ?? []
        let (failure, answer) = state.withLock { state in
            state.requests.append(texts.compactMap { $0["text"]?.stringValue })
            guard let failure = state.failure, state.failuresLeft > 0 else {
                return (nil as CallFailure?, state.answer)
            }
            state.failuresLeft -= 1
            return (failure, nil)
        }
        if let failure { throw failure }
        if let answer { return answer }
        let findings = texts.enumerated().flatMap { index, text in
            Self.findings(in: text["text"]?.stringValue ?? "", key: text["key"]?.stringValue, index)
        }
        return ["findings": .array(findings)]
    }

    private static func findings(in text: String, key: String?, _ index: Int) -> [JSON] {
        if key == "ssn", text.utf8.count == 9, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return [finding(index, 0, 9, "ssn")]
        }
        let (bytes, start) = (Array(text.utf8), Array("hush-".utf8))
        return bytes.indices.compactMap { place in
            guard bytes[place...].starts(with: start) else { return nil }
            var end = place + start.count
            while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
            return end > place + start.count ? finding(index, place, end, "passwords") : nil
        }
    }

    private static func finding(_ text: Int, _ start: Int, _ end: Int, _ foundClass: String) -> JSON {
        [
            "text": .int(Int64(text)), "start": .int(Int64(start)), "end": .int(Int64(end)),
            "class": .string(foundClass),
            "severity": "high", "confidence": 0.9, "redaction": .string("[redacted:\(foundClass)]"),
        ]
    }
}

extension ScanPolicy {
    static func of(
        _ action: ScanAction, _ direction: ScanDirection? = nil, classes: [String] = [], agents: [String] = []
    ) -> ScanPolicy {
        var policy = ScanPolicy()
        policy.rules = [
            Rule(direction: direction, classes: classes, agents: agents, action: action, setting: "security.policy[0]")
        ]
        return policy
    }
}

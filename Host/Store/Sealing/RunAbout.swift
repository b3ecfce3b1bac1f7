// SPDX-License-Identifier: Apache-2.0
// RunAbout: what a run was started with and how it ended, as far as people or agents worded it: the sealed columns of `runs`,
// and the tokens by which runs are found.

import CorralBase

/// The column `about`.
struct RunAbout: Equatable {
    var flowDigest = ""
    var user: String?
    var feature: String?
    var session: String?
    var taskType: String?
    var complexity: String?
    var labels: [String: String] = [:]
    var clientRequest: String?
    var context = JSON.object([:])

    static func place(_ run: RunID) -> SealPlace { SealPlace("runs.about", run.text) }

    var json: JSON {
        var object: JSONObject = ["flow_digest": .string(flowDigest), "context": context]
        object["user"] = user.map(JSON.string)
        object["feature"] = feature.map(JSON.string)
        object["session"] = session.map(JSON.string)
        object["task_type"] = taskType.map(JSON.string)
        object["complexity"] = complexity.map(JSON.string)
        object["client_request"] = clientRequest.map(JSON.string)
        if !labels.isEmpty {
            object["labels"] = .object(
                JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        return .object(object)
    }
}

extension RunAbout {
    init(_ json: JSON) {
        let labels = json["labels"]?.objectValue?.members ?? []
        self.init(
            flowDigest: json["flow_digest"]?.stringValue ?? "", user: json["user"]?.stringValue,
            feature: json["feature"]?.stringValue, session: json["session"]?.stringValue,
            taskType: json["task_type"]?.stringValue, complexity: json["complexity"]?.stringValue,
            labels: Dictionary(
                labels.map { ($0.key, $0.value.stringValue ?? "") }, uniquingKeysWith: { first, _ in first }),
            clientRequest: json["client_request"]?.stringValue, context: json["context"] ?? .null)
    }

    init(_ creation: RunCreation) {
        self.init(
            flowDigest: creation.flowDigest, user: creation.user, feature: creation.feature, session: creation.session,
            taskType: creation.taskType, complexity: creation.complexity, labels: creation.labels,
            clientRequest: creation.clientRequest, context: creation.context)
    }
}

/// The column `ending`.
struct RunEndingText: Equatable {
    var error: CorralError?
    var reason: String?

    static func place(_ run: RunID) -> SealPlace { SealPlace("runs.ending", run.text) }

    /// Nil when there is nothing to say.
    var json: JSON? {
        guard error != nil || reason != nil else { return nil }
        var object = JSONObject()
        object["error"] = error?.json
        object["reason"] = reason.map(JSON.string)
        return .object(object)
    }

    init(error: CorralError? = nil, reason: String? = nil) {
        self.error = error
        self.reason = reason
    }

    init(_ json: JSON?) {
        self.init(error: CorralError(record: json?["error"]), reason: json?["reason"]?.stringValue)
    }
}

/// What runs are found by without being opened. The names are columns of `runs`, and part of what is hashed.
enum RunToken: String, CaseIterable {
    case user, feature, session
    case taskType = "task_type"
    case complexity
    case request

    var column: String { rawValue + "_token" }

    func value(of about: RunAbout) -> String? {
        switch self {
        case .user: about.user
        case .feature: about.feature
        case .session: about.session
        case .taskType: about.taskType
        case .complexity: about.complexity
        case .request: about.clientRequest
        }
    }
}

extension Sealer {
    func token(_ text: String, _ token: RunToken) -> [UInt8] { self.token(text, "runs." + token.rawValue) }
    /// Of a class of changes.
    func changeToken(_ changeClass: String) -> [UInt8] { token(changeClass, "run_changes.class") }
    /// Of what an effect's key says besides its place in the run.
    func token(_ key: EffectKey) -> [UInt8] {
        token("\(key.service)\u{0}\(key.method)\u{0}\(key.requestHash)", "effects.key")
    }
    func nameToken(_ artifact: ArtifactRef) -> [UInt8] { token(artifact.name, "artifacts.name") }
}

extension JournalRow {
    static func place(_ run: RunID, _ sequence: Int64) -> SealPlace { SealPlace("journal", run.text, "\(sequence)") }

    /// The detail in its two parts: numbers that hold no content, and everything else.
    var parts: (metrics: JSON?, content: JSON?) {
        guard case .object(var object)? = detail else { return (nil, detail) }
        let metrics = object["metrics"]
        object["metrics"] = nil
        return (metrics, object.isEmpty && metrics != nil ? nil : .object(object))
    }

    /// Joins them again.
    mutating func setDetail(metrics: JSON?, content: JSON?) {
        guard let metrics else { return detail = content }
        var object = content?.objectValue ?? JSONObject()
        object["metrics"] = metrics
        detail = .object(object)
    }
}

extension ArtifactRef {
    static func place(_ run: RunID, _ place: ContentPlace, _ name: [UInt8]) -> SealPlace {
        SealPlace("artifacts", run.text, place.hex, name.map { String($0) }.joined(separator: "."))
    }
}

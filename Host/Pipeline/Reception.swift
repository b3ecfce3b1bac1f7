// SPDX-License-Identifier: Apache-2.0
// Reception: the innermost interceptor. It sends the call to a worker and turns what comes back, which is a stranger's
// word, into a value: one JSON document, with its output files stored and their names replaced by references.

import CorralBase
import CorralStore

/// Where output files go. The store implements it.
package protocol ArtifactKeeper: Sendable {
    /// Stores a file under its hash.
    func keep(_ file: WorkerOutput.File) async throws -> ArtifactRef
}

package struct Reception: Interceptor {
    private let dispatcher: any Dispatcher
    private let keeper: any ArtifactKeeper
    /// Nil: what is kept is not looked at.
    private let files: FileScan?

    package init(dispatcher: any Dispatcher, keeper: any ArtifactKeeper, files: FileScan?) {
        self.dispatcher = dispatcher
        self.keeper = keeper
        self.files = files
    }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        let output = try await dispatcher.dispatch(call)
        do {
            return try await receive(output, for: call)
        } catch let error as CorralError {
            throw CallFailure(error, metrics: output.metrics)
        } catch let failure as CallFailure {
            throw CallFailure(failure.error, fault: failure.fault, metrics: output.metrics.adding(failure.metrics))
        } catch {
            throw CallFailure(.internalFault("\(error)"), metrics: output.metrics)
        }
    }

    private func receive(_ output: WorkerOutput, for call: Call) async throws -> CallResult {
        let value: JSON
        do {
            value = output.result.isEmpty ? .null : try JSON(parsing: output.result)
        } catch let error as CorralError {
            throw CorralError.resultNotJSON(call.targetText, cause: error.message)
        }
        var kept: [String: ArtifactRef] = [:]
        var metrics = output.metrics
        for file in output.files {
            // References in the result are by the name the plugin gave; what is kept may have another.
            kept[file.name] = try await keeper.keep(
                files?.passed(file, by: call, &metrics.attributes) ?? file)
        }
        let known = Dictionary(call.artifacts.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
        let resolved = try ArtifactReferences.resolve(value, plugin: call.targetText, pushed: kept, known: known)
        return CallResult(
            value: resolved, bytes: resolved == value && !output.result.isEmpty ? output.result : resolved.bytes(),
            artifacts: Array(kept.values), confidence: output.confidence, changes: output.changes,
            metrics: metrics)
    }
}

extension CallMetrics {
    /// With another's attributes beside its own.
    fileprivate func adding(_ other: CallMetrics) -> CallMetrics {
        var sum = self
        for (name, value) in other.attributes.members { sum.attributes[name] = value }
        return sum
    }
}

/// How a value refers to a file: an object with the member `$artifact`.
package enum ArtifactReferences {
    package static let key = "$artifact"

    /// The artifacts a value of the host's own refers to, each once, in order of appearance. Objects that do not look
    /// like a stored artifact are left out.
    package static func all(in value: JSON) -> [ArtifactRef] {
        var found: [ArtifactRef] = []
        collect(value, &found)
        return found
    }

    private static func collect(_ value: JSON, _ found: inout [ArtifactRef]) {
        switch value {
        case .array(let elements):
            for element in elements { collect(element, &found) }
        case .object(let object):
            if let artifact = ArtifactRef(object) {
                if !found.contains(where: { $0.sha256 == artifact.sha256 }) { found.append(artifact) }
            } else {
                for member in object.members { collect(member.value, &found) }
            }
        default: break
        }
    }

    /// Replaces the names of files a call pushed by references to the stored content. References the request already
    /// held pass through; any other is an error, because it would be a claim on a file the call was never given.
    static func resolve(
        _ value: JSON, plugin: String, pushed: [String: ArtifactRef], known: [String: ArtifactRef]
    ) throws -> JSON {
        switch value {
        case .array(let elements):
            return .array(try elements.map { try resolve($0, plugin: plugin, pushed: pushed, known: known) })
        case .object(var object):
            if let name = object[key]?.stringValue {
                if let artifact = pushed[name] { return artifact.json }
                // As the host knows it: a plugin may pass a file on, not rename it.
                guard let artifact = known[name] else { throw CorralError.artifactNotPushed(plugin, name: name) }
                return artifact.json
            }
            for member in object.members {
                object[member.key] = try resolve(member.value, plugin: plugin, pushed: pushed, known: known)
            }
            return .object(object)
        default: return value
        }
    }
}

extension ArtifactRef {
    private static let prefix = "sha256:"

    /// Nil when the object is no reference to stored content.
    package init?(_ object: JSONObject) {
        guard let reference = object[ArtifactReferences.key]?.stringValue, reference.hasPrefix(Self.prefix),
            let size = object["bytes"]?.intValue, let bytes = Int(exactly: size), bytes >= 0
        else { return nil }
        let digest = reference.dropFirst(Self.prefix.count)
        guard digest.utf8.count == 64, digest.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            return nil
        }
        self.init(
            sha256: String(digest), name: object["name"]?.stringValue ?? String(digest.prefix(12)), bytes: bytes,
            mediaType: object["type"]?.stringValue ?? "application/octet-stream")
    }

    /// The text after `$artifact`.
    package var reference: String { Self.prefix + sha256 }

    /// The reference as a value, as plugins see it.
    package var json: JSON {
        [
            ArtifactReferences.key: .string(reference), "name": .string(name), "bytes": .int(Int64(bytes)),
            "type": .string(mediaType),
        ]
    }
}

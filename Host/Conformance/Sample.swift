// SPDX-License-Identifier: Apache-2.0
// Sample: an input that a plugin should understand, and what it is given to.

import CorralBase
import CorralCatalog
import CorralWire

/// A request's body and the files it refers to.
package struct Sample: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        package var reference: String
        package var bytes: [UInt8]

        package init(reference: String, bytes: [UInt8]) {
            self.reference = reference
            self.bytes = bytes
        }
    }

    package var body: [UInt8]
    package var files: [File]
    /// Where it comes from, for people: "sample-input.json", "the schema".
    package var origin: String

    package init(body: [UInt8], files: [File] = [], origin: String) {
        self.body = body
        self.files = files
        self.origin = origin
    }

    func with(_ body: [UInt8]) -> Sample { Sample(body: body, files: files, origin: origin) }
}

/// One thing of a plugin that can be called.
struct Subject: Sendable {
    var target: CallTarget
    /// The tool's name; empty for an agent.
    var method: String
    var output: JSON
    var sample: Sample

    var name: String {
        switch target {
        case .agent: "the agent"
        case .tool, .native: "tool \"\(method)\""
        default: "\"\(method)\""
        }
    }
}

extension Subject {
    /// What the manifest says can be called, with the given samples (by tool, "" for the agent) or made-up ones.
    ///
    /// - Parameter functions: the JSON list of its C functions, as the worker reports it; empty when it has none.
    static func all(_ manifest: PluginManifest, functions: [UInt8], _ samples: [String: Sample]) -> [Subject] {
        var subjects: [Subject] = []
        func add(_ target: CallTarget, _ method: String, _ input: JSON, _ output: JSON) {
            let sample = samples[method] ?? Sample(body: SchemaSample.value(of: input).bytes(), origin: "the schema")
            subjects.append(Subject(target: target, method: method, output: output, sample: sample))
        }
        if let agent = manifest.agent { add(.agent, "", agent.input, agent.output) }
        for tool in manifest.tools { add(.tool, tool.name, tool.input, tool.output) }
        for function in (try? JSON(parsing: functions))?.arrayValue ?? [] {
            guard let name = function["name"]?.stringValue else { continue }
            add(.native, name, function["input"] ?? [:], function["output"] ?? [:])
        }
        for kind in PluginKind.infrastructure where manifest.provides(kind) {
            subjects += kind.methods.map { method in
                let example = KindExample(kind, method)
                return Subject(
                    target: CallTarget(kind), method: method, output: example.output,
                    sample: samples[method] ?? Sample(body: example.body.bytes(), origin: example.origin))
            }
        }
        return subjects
    }
}

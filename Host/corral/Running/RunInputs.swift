// SPDX-License-Identifier: Apache-2.0
// RunInputs: `--input name=value` → the inputs of a request. A flow's declared types decide what a value means; the files
// are opened here, because the host opens no path that a request names.

import CorralBase
import CorralControl
import CorralFlow
import Glibc

/// Inputs and the files opened for them. Close the descriptors when the request is sent.
struct RunInputs: Sendable {
    private(set) var values: [String: RunInput] = [:]
    private(set) var descriptors: [Int32] = []

    private init() {}

    func close() { for descriptor in descriptors { Glibc.close(descriptor) } }

    /// `name=value` texts, in order.
    /// - Throws: `usage_invalid`.
    static func pairs(_ texts: [String]) throws -> [(name: String, value: String)] {
        var seen: Set<String> = []
        return try texts.map { text in
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
                throw CorralError.inputShape(text)
            }
            let name = String(text[..<sign])
            guard seen.insert(name).inserted else { throw CorralError.inputTwice(name) }
            return (name, String(text[text.index(after: sign)...]))
        }
    }

    /// For a flow: every mistyped or missing name is said before a host is asked.
    /// - Throws: `input_unknown`, `input_missing`, `flow_input_invalid`, `file_unreadable`.
    static func forFlow(_ flow: FlowDefinition, _ texts: [String]) throws -> RunInputs {
        let pairs = try pairs(texts)
        let what = "flow \"\(flow.name)\""
        for (name, _) in pairs where !flow.inputs.contains(where: { $0.name == name }) {
            throw CorralError.inputUnknown(name, of: what, known: flow.inputs.map(\.name))
        }
        let missing = flow.inputs.filter { input in input.isRequired && !pairs.contains { $0.name == input.name } }
        guard missing.isEmpty else {
            let asked = missing.map { (name: $0.name, help: $0.type == .file ? "FILE" : "VALUE") }
            throw CorralError.inputsMissing(asked, of: what)
        }
        return try collecting { inputs in
            for input in flow.inputs {
                if let text = pairs.first(where: { $0.name == input.name })?.value {
                    try inputs.add(input, text)
                } else if let path = input.defaultFile {
                    // A default is relative to the flow's file, so that a flow and its sample travel together.
                    try inputs.addFile(input.name, Path.join(Path.folder(flow.file), path))
                }
            }
        }
    }

    /// For an agent: `@file` is a file, a value is JSON when it can be read as such, else text.
    /// - Throws: `usage_invalid`, `file_unreadable`.
    static func forAgent(_ texts: [String]) throws -> RunInputs {
        let pairs = try pairs(texts)
        return try collecting { inputs in
            for (name, text) in pairs {
                if let path = fileName(text) {
                    try inputs.addFile(name, path)
                } else {
                    let value = unescaped(text)
                    inputs.values[name] = .value(JSONText((try? JSON(parsing: value)) ?? .string(value)))
                }
            }
        }
    }

    /// Closes what was opened when something later fails.
    private static func collecting(_ fill: (inout RunInputs) throws -> Void) throws -> RunInputs {
        var inputs = RunInputs()
        do {
            try fill(&inputs)
            guard inputs.descriptors.count <= ControlProtocol.descriptorsMax else {
                throw CorralError.tooManyFiles(inputs.descriptors.count, max: ControlProtocol.descriptorsMax)
            }
            return inputs
        } catch {
            inputs.close()
            throw error
        }
    }

    private mutating func add(_ input: FlowInput, _ text: String) throws {
        if input.type == .file {
            try addFile(input.name, Self.fileName(text) ?? Self.unescaped(text))
        } else if let path = Self.fileName(text) {
            values[input.name] = .value(JSONText(try input.value(fromText: try InputFile.read(path))))
        } else {
            values[input.name] = .value(JSONText(try input.value(fromText: Self.unescaped(text))))
        }
    }

    private mutating func addFile(_ name: String, _ path: String) throws {
        let descriptor = try InputFile.open(path)
        let fileName = Path.name(path)
        values[name] = .file(
            descriptor: descriptors.count, name: fileName, mediaType: InputFile.mediaType(of: fileName))
        descriptors.append(descriptor)
    }

    /// The path in `@path`; nil for a value, also for one that starts with `@@`.
    private static func fileName(_ text: String) -> String? {
        text.hasPrefix("@") && !text.hasPrefix("@@") ? String(text.dropFirst()) : nil
    }

    private static func unescaped(_ text: String) -> String { text.hasPrefix("@@") ? String(text.dropFirst()) : text }
}

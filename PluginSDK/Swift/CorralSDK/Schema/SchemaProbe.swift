// SPDX-License-Identifier: Apache-2.0

/// Finds the JSON schema of a `Decodable` type without macros: it lets the type decode itself from made-up values and
/// writes down what it asks for. Compiler-written `init(from:)` asks for every member in the order of declaration, and
/// uses `decodeIfPresent` for optional ones.
struct SchemaProbe {
    /// What was found, and a value of the type when one could be made up.
    struct Finding {
        var schema: JSONSchema
        var value: Any?
    }

    /// The schema, and the places it could not see, as sentences for the author.
    static func schema<Value: Decodable>(of type: Value.Type, named root: String) -> (JSONSchema, gaps: [String]) {
        let trail = SchemaTrail(root: root)
        let finding = SchemaProbe(trail: trail).find(type, path: nil)
        return (finding.schema, trail.gaps)
    }

    let trail: SchemaTrail

    func find<Value: Decodable>(_ type: Value.Type, path: JSONPath?) -> Finding {
        if let known = plain(type) { return known }
        if let container = type as? any SchemaContainer.Type { return container.probe(self, path: path) }
        if let choices = Choices.of(type) { return Finding(schema: choices.schema, value: choices.first) }
        guard trail.enter(type) else { return Finding(schema: .anything, value: nil) }
        defer { trail.leave(type) }
        let record = SchemaRecord()
        let example = (type as? any SchemaExample.Type)?.example
        do {
            let value = try type.init(from: ProbeDecoder(probe: self, record: record, path: path))
            return Finding(schema: record.schema, value: value)
        } catch {
            if example == nil { trail.addGap(type, path) }
            // Members seen before the failure may be one alternative of several; one plain value is all there is.
            return Finding(schema: record.isPlainValue ? record.schema : .anything, value: example)
        }
    }

    private func plain<Value>(_ type: Value.Type) -> Finding? {
        switch type {
        case is Bool.Type: Finding(schema: .boolean, value: false)
        case is String.Type: Finding(schema: .text, value: "")
        case is Double.Type: Finding(schema: .number, value: 0.0)
        case is Float.Type: Finding(schema: .number, value: Float(0))
        case is JSON.Type: Finding(schema: .anything, value: JSON.null)
        case is Artifact.Type: Finding(schema: .artifact, value: Artifact(attached: ""))
        case let integer as any FixedWidthInteger.Type:
            Finding(schema: .integer(minimum: integer.isSigned ? nil : 0), value: zero(integer))
        default: nil
        }
    }

    private func zero<I: FixedWidthInteger>(_ type: I.Type) -> Any { I.zero }
}

/// Which types are being probed, so that a type that contains itself ends, and what stayed unseen.
final class SchemaTrail {
    private let root: String
    private var types: Set<ObjectIdentifier> = []
    private(set) var gaps: [String] = []

    init(root: String) {
        self.root = root
    }

    func enter(_ type: Any.Type) -> Bool { types.insert(ObjectIdentifier(type)).inserted }

    func leave(_ type: Any.Type) { types.remove(ObjectIdentifier(type)) }

    /// The outer types fail when an inner one does; only the innermost is news.
    func addGap(_ type: Any.Type, _ path: JSONPath?) {
        let place = JSONComplaint.place(path?.keys ?? [], root)
        guard !gaps.contains(where: { $0.hasPrefix(place) }) else { return }
        gaps.append(
            "\(place): no schema: \(type) refuses made-up values; make it CaseIterable or give it a SchemaExample")
    }
}

/// What one type asked its decoder for.
final class SchemaRecord {
    private(set) var schema = JSONSchema.object([])
    private(set) var isPlainValue = false
    private var mayBeAbsent: Set<String> = []

    func becomeValue(_ schema: JSONSchema) {
        self.schema = schema
        isPlainValue = true
    }

    func becomeArray() {
        if case .array = schema { return }
        schema = .array(of: .anything)
    }

    /// Asking whether a member is there or null, before decoding it, makes it optional. The standard library's own
    /// `decodeIfPresent` for plain types does no more than that.
    func addQuestion(about name: String) {
        mayBeAbsent.insert(name)
        add(name, .anything, isRequired: false)
    }

    func add(_ name: String, _ value: JSONSchema, isRequired: Bool) {
        guard case .object(var members) = schema else { return }
        let isOptional = !isRequired || mayBeAbsent.contains(name)
        let member = JSONSchema.Member(
            name: name, schema: isOptional ? value.orNull() : value, isRequired: !isOptional)
        if let known = members.firstIndex(where: { $0.name == name }) {
            if members[known].schema == .anything { members[known] = member }
        } else {
            members.append(member)
        }
        schema = .object(members)
    }

    /// Elements of several kinds make a list of anything.
    func add(element: JSONSchema, at index: Int) {
        guard case .array(let known) = schema else { return }
        schema = .array(of: index == 0 || known == element ? element : .anything)
    }
}

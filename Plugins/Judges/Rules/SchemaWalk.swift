// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralExpression

/// What is left to spend on one value; shared by the walks that try alternatives.
final class SchemaSteps {
    fileprivate(set) var left: Int

    init(left: Int) { self.left = left }
}

/// One check of one value.
struct SchemaWalk {
    let root: JSON
    let steps: SchemaSteps
    private(set) var faults: [String] = []

    init(root: JSON, _ steps: SchemaSteps) {
        self.root = root
        self.steps = steps
    }

    static let types: Set = ["string", "integer", "number", "boolean", "null", "array", "object"]

    private mutating func fault(_ place: String, _ text: String) {
        if faults.count < SchemaCheck.faultsMax { faults.append(place.isEmpty ? "it \(text)" : "\(place) \(text)") }
    }

    mutating func check(_ value: JSON, _ schema: JSON, at place: String, depth: Int) {
        steps.left -= 1
        if let flag = schema.boolValue {
            if !flag { fault(place, "must not be there") }
            return
        }
        guard let object = schema.objectValue, faults.count < SchemaCheck.faultsMax, steps.left > 0 else { return }
        // A schema that refers to itself without going into the value would never end.
        guard depth < 256 else { return steps.left = 0 }
        checkType(value, object, place)
        checkValue(value, object, place)
        switch value {
        case .int, .double: checkNumber(value.doubleValue ?? 0, object, place)
        case .string(let text): checkText(text, object, place)
        case .array(let elements): checkList(elements, object, place, depth)
        case .object(let members): checkMap(members, object, place, depth)
        case .null, .bool: break
        }
        combine(value, object, place, depth)
    }

    private mutating func checkType(_ value: JSON, _ schema: JSONObject, _ place: String) {
        guard let type = schema["type"] else { return }
        let names = (type.arrayValue ?? [type]).compactMap(\.stringValue)
        guard !names.contains(where: { Self.isOf($0, value) }) else { return }
        fault(place, "is a \(value.typeName), not \(names.joined(separator: " or "))")
    }

    private mutating func checkValue(_ value: JSON, _ schema: JSONObject, _ place: String) {
        if let choices = schema["enum"]?.arrayValue, !choices.contains(where: { Self.same($0, value) }) {
            fault(place, "is none of its \(choices.count) choices")
        }
        if let constant = schema["const"], !Self.same(constant, value) {
            fault(place, "is not the one value it may be")
        }
    }

    private mutating func checkNumber(_ number: Double, _ schema: JSONObject, _ place: String) {
        if let least = schema["minimum"]?.doubleValue, number < least {
            fault(place, "is below \(NumberText.of(least))")
        }
        if let most = schema["maximum"]?.doubleValue, number > most { fault(place, "is above \(NumberText.of(most))") }
        if let bound = schema["exclusiveMinimum"]?.doubleValue, number <= bound {
            fault(place, "is not above \(NumberText.of(bound))")
        }
        if let bound = schema["exclusiveMaximum"]?.doubleValue, number >= bound {
            fault(place, "is not below \(NumberText.of(bound))")
        }
        if let step = schema["multipleOf"]?.doubleValue, !Self.isMultiple(number, of: step) {
            fault(place, "is no multiple of \(NumberText.of(step))")
        }
    }

    private mutating func checkText(_ text: String, _ schema: JSONObject, _ place: String) {
        // Characters of JSON Schema are Unicode code points (validation, section 6.3).
        let count = Int64(text.unicodeScalars.count)
        if let least = schema["minLength"]?.intValue, count < least {
            fault(place, "is shorter than \(least) characters")
        }
        if let most = schema["maxLength"]?.intValue, count > most { fault(place, "is longer than \(most) characters") }
        guard let pattern = schema["pattern"]?.stringValue else { return }
        switch Self.matches(text, pattern) {
        case true?: break
        case false?: fault(place, "does not match its pattern")
        case nil: steps.left = 0
        }
    }

    private mutating func checkList(_ elements: [JSON], _ schema: JSONObject, _ place: String, _ depth: Int) {
        let count = Int64(elements.count)
        if let least = schema["minItems"]?.intValue, count < least { fault(place, "has fewer than \(least) items") }
        if let most = schema["maxItems"]?.intValue, count > most { fault(place, "has more than \(most) items") }
        if schema["uniqueItems"]?.boolValue == true, Set(elements.map(Self.canonical)).count < elements.count {
            fault(place, "has an item twice")
        }
        let first = schema["prefixItems"]?.arrayValue ?? []
        for (index, element) in elements.enumerated() {
            guard let inner = index < first.count ? first[index] : schema["items"] else { continue }
            check(element, inner, at: "\(place)[\(index)]", depth: depth + 1)
        }
    }

    private mutating func checkMap(_ object: JSONObject, _ schema: JSONObject, _ place: String, _ depth: Int) {
        for name in (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue) where object[name] == nil {
            fault(place, "has no \"\(name)\"")
        }
        let count = Int64(object.count)
        if let least = schema["minProperties"]?.intValue, count < least {
            fault(place, "has fewer than \(least) members")
        }
        if let most = schema["maxProperties"]?.intValue, count > most { fault(place, "has more than \(most) members") }
        let known = schema["properties"]?.objectValue
        for (name, value) in object.members {
            let inner = place.isEmpty ? name : "\(place).\(name)"
            if let property = known?[name] {
                check(value, property, at: inner, depth: depth + 1)
            } else if let other = schema["additionalProperties"] {
                check(value, other, at: inner, depth: depth + 1)
            }
        }
    }

    // MARK: Schemas of schemas

    private mutating func combine(_ value: JSON, _ schema: JSONObject, _ place: String, _ depth: Int) {
        for inner in schema["allOf"]?.arrayValue ?? [] { check(value, inner, at: place, depth: depth + 1) }
        if let list = schema["anyOf"]?.arrayValue, !list.contains(where: { fits(value, $0, depth) }) {
            fault(place, "fits none of its \(list.count) forms")
        }
        if let list = schema["oneOf"]?.arrayValue {
            let count = list.count { fits(value, $0, depth) }
            if count != 1 { fault(place, "fits \(count) of its \(list.count) forms instead of one") }
        }
        if let inner = schema["not"], fits(value, inner, depth) { fault(place, "is what it must not be") }
        if let reference = schema["$ref"]?.stringValue, let target = target(of: reference) {
            check(value, target, at: place, depth: depth + 1)
        }
    }

    private func fits(_ value: JSON, _ schema: JSON, _ depth: Int) -> Bool {
        var walk = SchemaWalk(root: root, steps)
        walk.check(value, schema, at: "", depth: depth + 1)
        return walk.faults.isEmpty
    }

    /// `#` or a JSON pointer (RFC 6901) into this schema; nil for anything else.
    func target(of reference: String) -> JSON? {
        guard reference.hasPrefix("#") else { return nil }
        var current = root
        for part in reference.dropFirst().split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = Self.replaced(Self.replaced(String(part), "~1", "/"), "~0", "~")
            guard let next = current[name] ?? Int(name).flatMap({ Self.element($0, of: current) }) else { return nil }
            current = next
        }
        return current.boolValue != nil || current.objectValue != nil ? current : nil
    }

    private static func element(_ index: Int, of value: JSON) -> JSON? {
        guard let list = value.arrayValue, list.indices.contains(index) else { return nil }
        return list[index]
    }

    // MARK: Values

    private static func replaced(_ text: String, _ part: String, _ other: String) -> String {
        text.split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }

    private static func isOf(_ type: String, _ value: JSON) -> Bool {
        switch type {
        case "string": value.stringValue != nil
        // 1.0 is an integer (JSON Schema core, section 4.2.3).
        case "integer": value.doubleValue.map { $0 == $0.rounded() && $0.isFinite } ?? false
        case "number": value.doubleValue != nil
        case "boolean": value.boolValue != nil
        case "null": value.isNull
        case "array": value.arrayValue != nil
        case "object": value.objectValue != nil
        default: false
        }
    }

    private static func isMultiple(_ number: Double, of step: Double) -> Bool {
        let quotient = number / step
        // 0.3 is a multiple of 0.1, although no double says so exactly.
        return abs(quotient - quotient.rounded()) <= 1e-9 * max(1, abs(quotient))
    }

    private static func same(_ a: JSON, _ b: JSON) -> Bool { canonical(a) == canonical(b) }

    /// 1 and 1.0 are one value (JSON Schema core, section 4.2.2).
    private static func canonical(_ value: JSON) -> JSON {
        switch value {
        case .double(let number): Int64(exactly: number).map { .int($0) } ?? value
        case .array(let elements): .array(elements.map(canonical))
        case .object(let object): .object(JSONObject(object.members.map { ($0.key, canonical($0.value)) }))
        default: value
        }
    }

    /// Whether a text has the pattern inside; nil when the pattern cannot be read or the search takes too long.
    static func matches(_ text: String, _ pattern: String) -> Bool? {
        guard let expression = try? Expression(parsing: "text.matches(pattern)") else { return nil }
        return try? expression.condition(["text": .string(text), "pattern": .string(pattern)])
    }
}

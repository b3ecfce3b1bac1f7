// SPDX-License-Identifier: Apache-2.0

/// The standard library's containers, which would hide the type of their elements: an empty one never asks for it.
protocol SchemaContainer {
    static func probe(_ probe: SchemaProbe, path: JSONPath?) -> SchemaProbe.Finding
}

extension Optional: SchemaContainer where Wrapped: Decodable {
    static func probe(_ probe: SchemaProbe, path: JSONPath?) -> SchemaProbe.Finding {
        .init(schema: probe.find(Wrapped.self, path: path).schema.orNull(), value: Self.none as Any)
    }
}

extension Array: SchemaContainer where Element: Decodable {
    static func probe(_ probe: SchemaProbe, path: JSONPath?) -> SchemaProbe.Finding {
        .init(schema: .array(of: probe.element(Element.self, path)), value: Self())
    }
}

extension Set: SchemaContainer where Element: Decodable {
    static func probe(_ probe: SchemaProbe, path: JSONPath?) -> SchemaProbe.Finding {
        .init(schema: .array(of: probe.element(Element.self, path)), value: Self())
    }
}

extension Dictionary: SchemaContainer where Key: Decodable, Value: Decodable {
    static func probe(_ probe: SchemaProbe, path: JSONPath?) -> SchemaProbe.Finding {
        // Other keys than these are encoded as a flat list of keys and values.
        guard Key.self == String.self || Key.self == Int.self else {
            return .init(schema: .array(of: .anything), value: Self())
        }
        let value = probe.find(Value.self, path: JSONPath(path, JSONKey(stringValue: "*")))
        return .init(schema: .dictionary(of: value.schema), value: Self())
    }
}

extension SchemaProbe {
    fileprivate func element<Element: Decodable>(_ type: Element.Type, _ path: JSONPath?) -> JSONSchema {
        find(type, path: JSONPath(path, JSONKey(index: 0))).schema
    }
}

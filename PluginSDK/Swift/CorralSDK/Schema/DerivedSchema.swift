// SPDX-License-Identifier: Apache-2.0

/// The schema of a declared type with what the author should know about it.
struct DerivedSchema: Sendable {
    let schema: JSONSchema
    /// Sentences about parts of the type that the probe could not see.
    let gaps: [String]

    init<Value: Decodable>(of type: Value.Type, named root: String) {
        (schema, gaps) = SchemaProbe.schema(of: type, named: root)
    }
}

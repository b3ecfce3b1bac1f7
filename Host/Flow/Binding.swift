// SPDX-License-Identifier: Apache-2.0
// Binding: a YAML value with `${…}` in its texts, which becomes JSON when a step starts.

import CorralBase
import CorralDocument
import CorralExpression

/// Where a text with expressions stands, so that a mistake inside it can be pointed at.
package struct TextPlace: Sendable {
    let scalar: YAMLScalar
    let location: SourceLocation

    package func location(ofScalar offset: Int) -> SourceLocation { scalar.location(ofScalar: offset) }
}

package struct Binding: Sendable {
    indirect enum Kind: Sendable {
        case constant(JSON)
        case template(Template, TextPlace)
        case list([Binding])
        case map([(key: String, value: Binding)])
    }

    package let location: SourceLocation
    let kind: Kind

    /// The names of a map's members, or nil when it is no map.
    var keys: [String]? { if case .map(let members) = kind { members.map(\.key) } else { nil } }

    /// Reads a value; every mistake in its expressions goes to `report`, and null takes the place of the bad text.
    init(_ node: YAMLNode, report: (Diagnostic) -> Void) {
        location = node.location
        switch node.kind {
        case .scalar(let scalar): kind = Self.scalar(scalar, at: node.location, report: report)
        case .sequence(let elements): kind = .list(elements.map { Binding($0, report: report) })
        case .mapping(let members): kind = .map(members.map { ($0.key.name, Binding($0.value, report: report)) })
        }
    }

    private static func scalar(
        _ scalar: YAMLScalar, at location: SourceLocation, report: (Diagnostic) -> Void
    ) -> Kind {
        guard let text = scalar.value.stringValue else { return .constant(scalar.value) }
        do throws(ExpressionError) {
            let template = try Template(parsing: text)
            let place = TextPlace(scalar: scalar, location: location)
            return template.isLiteral ? .constant(try template.json([String: JSON]())) : .template(template, place)
        } catch {
            report(error.diagnostic(at: scalar.location(ofScalar: error.offset)))
            return .constant(.null)
        }
    }

    /// The value over the bindings.
    /// - Throws: the codes of an evaluation, with the place in the file.
    func json(_ bindings: some ExpressionBindings, _ meter: inout ExpressionMeter) throws(CorralError) -> JSON {
        switch kind {
        case .constant(let value): return value
        case .template(let template, let place):
            do throws(ExpressionError) {
                return try template.json(bindings, &meter)
            } catch { throw error.corralError(at: place.location(ofScalar: error.offset)) }
        case .list(let elements):
            var values: [JSON] = []
            for element in elements { values.append(try element.json(bindings, &meter)) }
            return .array(values)
        case .map(let members):
            var object = JSONObject()
            for member in members { object[member.key] = try member.value.json(bindings, &meter) }
            return .object(object)
        }
    }

    /// Everything it reads, with the place in the file.
    var references: [PlacedReference] {
        switch kind {
        case .constant: []
        case .template(let template, let place):
            template.references.map { PlacedReference(reference: $0, location: place.location(ofScalar: $0.offset)) }
        case .list(let elements): elements.flatMap(\.references)
        case .map(let members): members.flatMap(\.value.references)
        }
    }
}

struct PlacedReference: Sendable {
    let reference: Reference
    let location: SourceLocation
}

extension Condition {
    /// `when` is CEL; `${…}` around it is allowed because everywhere else it is needed.
    init?(_ scalar: YAMLScalar, at location: SourceLocation, report: (Diagnostic) -> Void) {
        let isWrapped = scalar.text.hasPrefix("${")
        do throws(ExpressionError) {
            place = TextPlace(scalar: scalar, location: location)
            if isWrapped, let inner = try Template(parsing: scalar.text).wholeExpression {
                (expression, offset) = (inner, 2)
            } else {
                (expression, offset) = (try Expression(parsing: scalar.text), 0)
            }
        } catch {
            report(error.diagnostic(at: scalar.location(ofScalar: error.offset)))
            return nil
        }
    }

    func isTrue(_ bindings: some ExpressionBindings) throws(CorralError) -> Bool {
        do throws(ExpressionError) {
            return try expression.condition(bindings)
        } catch { throw error.corralError(at: place.location(ofScalar: offset + error.offset)) }
    }

    var references: [PlacedReference] {
        expression.references.map {
            PlacedReference(reference: $0, location: place.location(ofScalar: offset + $0.offset))
        }
    }
}

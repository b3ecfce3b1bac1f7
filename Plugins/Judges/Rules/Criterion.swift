// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralExpression

/// One rule of the operator's, as the host hands it over in `criteria`: what is looked at, when, and what it is held
/// against. docs/plugins/judge-rules.md has the form of each kind.
struct Criterion {
    enum Test {
        case schema(SchemaCheck)
        case contains([String], ignoresCase: Bool)
        case lacks([String], ignoresCase: Bool)
        case length(Span, LengthUnit)
        /// `tolerance`: how far outside the score falls to 1; 0 = at once.
        case range(Span, tolerance: Double)
        case expression
    }

    let name: String
    /// What is looked at; `output` unless the rule says otherwise.
    let subject: Expression
    /// Judged only where this is true; nil = always.
    let condition: Expression?
    let test: Test

    /// Texts of one rule; more belong into several rules, each with a score of its own.
    static let textsMax = 256

    /// - Throws: `RuleFault`, why the rule cannot be used.
    init(_ json: JSON) throws(RuleFault) {
        guard let object = json.objectValue, let name = object["name"]?.stringValue, !name.isEmpty else {
            throw RuleFault("a rule has no name")
        }
        self.name = name
        let reader = RuleReader(object)
        condition = try reader.expression("when")
        guard let kind = object["kind"]?.stringValue else { throw RuleFault("it has no kind") }
        switch kind {
        case "schema": test = .schema(try SchemaCheck(try reader.schema()))
        case "contains": test = .contains(try reader.texts(), ignoresCase: try reader.flag("ignore_case"))
        case "lacks": test = .lacks(try reader.texts(), ignoresCase: try reader.flag("ignore_case"))
        case "length": test = .length(try reader.span(), try reader.unit())
        case "range": test = .range(try reader.span(), tolerance: try reader.tolerance())
        case "expression": test = .expression
        default: throw RuleFault("its kind \"\(kind)\" is none of \(Self.kinds.joined(separator: ", "))")
        }
        subject = try reader.subject(isCheck: kind == "expression")
    }

    static let kinds = ["schema", "contains", "lacks", "length", "range", "expression"]
}

/// Why a rule cannot be used.
struct RuleFault: Error {
    let why: String

    init(_ why: String) { self.why = why }
}

/// What a value's length is counted in.
enum LengthUnit: String, CaseIterable {
    case characters
    case words
    case items

    func text(_ count: Int) -> String {
        let noun = rawValue.dropLast()
        return count == 1 ? "1 \(noun)" : "\(count) \(rawValue)"
    }
}

/// Bounds, at least one of them, both included.
struct Span {
    let least: Double?
    let most: Double?

    init?(least: Double?, most: Double?) {
        guard least != nil || most != nil, (least ?? -.infinity) <= (most ?? .infinity) else { return nil }
        self.least = least
        self.most = most
    }

    func contains(_ value: Double) -> Bool { value >= (least ?? -.infinity) && value <= (most ?? .infinity) }

    /// The bound that a value outside is nearest to.
    func bound(nearestTo value: Double) -> Double {
        if let least, value < least { return least }
        return most ?? value
    }

    var text: String {
        switch (least, most) {
        case (let least?, let most?): "from \(NumberText.of(least)) to \(NumberText.of(most))"
        case (let least?, nil): "at least \(NumberText.of(least))"
        case (nil, let most?): "at most \(NumberText.of(most))"
        case (nil, nil): "any"
        }
    }
}

enum NumberText {
    /// Without `.0` where the number is whole.
    static func of(_ number: Double) -> String {
        guard let whole = Int64(exactly: number), whole.magnitude < 1 << 53 else { return number.description }
        return String(whole)
    }
}

// SPDX-License-Identifier: Apache-2.0
// Shape and Field: the declared schema of corral.yaml. One declaration drives parsing, validation, defaults,
// `config show`, the reference page and the JSON schema, so that none of them can disagree with another.

import CorralBase

/// What a place of the configuration may hold.
package indirect enum Shape: Sendable {
    case scalar(ScalarType)
    case list(of: Shape)
    /// Members with fixed names; any other name is a mistake.
    case map([Field])
    /// Members whose names the user chooses, for example MCP servers; `placeholder` stands for the name in documents.
    case dictionary(of: Shape, placeholder: String)
    /// Whatever YAML says: what a plugin or another standard gives its form, for example a JSON schema.
    case tree
}

/// One named place in a map.
package struct Field: Sendable {
    package let name: String
    package let shape: Shape
    /// One sentence, for the reference page and the JSON schema.
    package let help: String
    /// The value in force when the setting is absent; nil when absence itself has a meaning.
    package let standard: JSON?
    package let isRequired: Bool
    /// Whether values are never printed, because people write keys there.
    package let isSensitive: Bool
    /// Nil takes over the effect of the map around it.
    package let effect: Effect?
    /// What a value needs from outside, by value; `*` stands for any value.
    package let needs: [String: Need]
    /// What a tenant's own file may do with it. Nil takes over the rule of the map around it.
    package let tenantRule: TenantRule?

    package init(
        _ name: String, _ shape: Shape, _ help: String, standard: JSON? = nil, isRequired: Bool = false,
        isSensitive: Bool = false, effect: Effect? = nil, needs: [String: Need] = [:], tenantRule: TenantRule? = nil
    ) {
        self.name = name
        self.shape = shape
        self.help = help
        self.standard = standard
        self.isRequired = isRequired
        self.isSensitive = isSensitive
        self.effect = effect
        self.needs = needs
        self.tenantRule = tenantRule
    }
}

/// What a tenant's own file may do with a setting. A section that says nothing is the operator's alone, so that a new
/// one is closed until somebody decides to open it.
package enum TenantRule: Sendable, Hashable {
    /// The operator's: the same for all tenants.
    case never
    /// Whatever the schema allows.
    case free
    /// At most what everyone gets.
    case lower
    /// At least what everyone gets; for isolation.
    case stricter
    /// Only to switch off what everyone gets.
    case switchOff
}

/// Whether a setting changes what this version of Corral does. A setting without effect is never silent about it:
/// `config check` prints a row for it.
package enum Effect: Sendable, Equatable {
    case active
    /// Accepted and checked, not in effect in this version; the text says what happens instead.
    case inert(String)

    package var isActive: Bool { self == .active }
}

// MARK: The words the section files are written in

extension Field {
    static func flag(
        _ name: String, _ standard: Bool, _ help: String, effect: Effect? = nil, tenantRule: TenantRule? = nil
    ) -> Field {
        Field(name, .scalar(.bool), help, standard: .bool(standard), effect: effect, tenantRule: tenantRule)
    }

    static func whole(_ name: String, _ range: ClosedRange<Int64>, _ standard: Int64?, _ help: String) -> Field {
        Field(name, .scalar(.int(range)), help, standard: standard.map { .int($0) })
    }

    static func number(_ name: String, _ range: ClosedRange<Double>, _ standard: Double?, _ help: String) -> Field {
        Field(name, .scalar(.number(range)), help, standard: standard.map { .double($0) })
    }

    static func choice(
        _ name: String, _ values: [String], _ standard: String?, _ help: String, isRequired: Bool = false,
        effect: Effect? = nil, needs: [String: Need] = [:], tenantRule: TenantRule? = nil
    ) -> Field {
        Field(
            name, .scalar(.choice(values)), help, standard: standard.map { .string($0) }, isRequired: isRequired,
            effect: effect, needs: needs, tenantRule: tenantRule)
    }

    /// A list whose items are all from `values`.
    static func choices(_ name: String, _ values: [String], _ help: String) -> Field {
        Field(name, .list(of: .scalar(.choice(values))), help)
    }

    /// A list of names that users and plugins add to; a near miss of a known one is a warning.
    static func names(_ name: String, known: [String], _ help: String, needs: [String: Need] = [:]) -> Field {
        Field(name, .list(of: .scalar(.name(known: known))), help, needs: needs)
    }

    static func text(_ name: String, _ help: String, isRequired: Bool = false, isSensitive: Bool = false) -> Field {
        Field(name, .scalar(.text), help, isRequired: isRequired, isSensitive: isSensitive)
    }

    static func group(
        _ name: String, _ help: String, _ fields: [Field], effect: Effect? = nil, tenantRule: TenantRule? = nil
    ) -> Field {
        Field(name, .map(fields), help, effect: effect, tenantRule: tenantRule)
    }
}

// SPDX-License-Identifier: Apache-2.0
// OverlayBounds: whether a tenant's own file stays within what the operator gives everyone. It may lower limits, ask for
// more isolation and switch permissions off; never the reverse, and never touch what is about all tenants.

import CorralBase

/// Compares one overlay section with what it is merged over, and goes on after every mistake.
struct OverlayBounds {
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameter base: the section as it is without the overlay; nil when nobody wrote it.
    mutating func check(
        _ overlay: ResolvedNode, at location: SourceLocation, against base: ResolvedNode?, _ section: Field
    ) {
        guard section.mayBeOverlaid else {
            return refuse(
                "section \"\(section.name)\" is about all tenants and cannot be set for one", at: location,
                "move it to corral.yaml")
        }
        walk(overlay, base, section, SettingPath([.name(section.name)]), section.tenantRule ?? .never)
    }

    private mutating func walk(
        _ overlay: ResolvedNode, _ base: ResolvedNode?, _ field: Field, _ path: SettingPath, _ rule: TenantRule
    ) {
        guard case .map(let fields) = field.shape else { return compare(overlay, base, field, path, rule) }
        for member in overlay.members ?? [] {
            guard let inner = fields.first(where: { $0.name == member.name }) else { continue }
            walk(
                member.node, base?[member.name], inner, path.appending(.name(member.name)), inner.tenantRule ?? rule)
        }
    }

    private mutating func compare(
        _ overlay: ResolvedNode, _ base: ResolvedNode?, _ field: Field, _ path: SettingPath, _ rule: TenantRule
    ) {
        guard rule != .never else {
            return refuse(
                "\(path) is the operator's and cannot be set for one tenant", at: overlay.location, "remove the line")
        }
        // A value that the schema refused has its mistake already.
        guard let asked = overlay.leaf?.value else { return }
        let bound = base?.leaf?.value ?? field.standard
        let place = base.map { " of \($0.location.file):\($0.location.line)" } ?? " that is the default"
        switch rule {
        case .free, .never: return
        case .lower:
            guard let bound, let most = amount(bound), let wanted = amount(asked), wanted > most else { return }
            refuse(
                "\(path): \(asked.plainText) is more than the \(bound.plainText)\(place)", at: overlay.location,
                "give at most \(bound.plainText), or raise it in corral.yaml for everyone")
        case .stricter:
            guard let least = bound?.stringValue.flatMap(IsolationLevel.init(rawValue:)),
                let level = asked.stringValue.flatMap(IsolationLevel.init(rawValue:)), level < least
            else { return }
            refuse(
                "isolation \"\(level.rawValue)\" is less than the \"\(least.rawValue)\"\(place)", at: overlay.location,
                "remove the line")
        case .switchOff:
            guard asked == .bool(true), bound != .bool(true) else { return }
            refuse(
                "\(path): true is more than the false\(place)", at: overlay.location,
                "remove the line, or allow it in corral.yaml for everyone")
        }
    }

    private mutating func refuse(_ what: String, at location: SourceLocation, _ suggestion: String) {
        diagnostics.append(.overlayRefused(what, at: location, suggestion: suggestion))
    }
}

/// Numbers, money and durations on one scale each; nil for what has no order.
private func amount(_ value: JSON) -> Double? {
    if let number = value.doubleValue { return number }
    guard let text = value.stringValue else { return nil }
    if let money = MoneyText.parse(text) { return money }
    return DurationText.parse(text).map { $0 / .milliseconds(1) }
}

extension JSON {
    /// A text without its quotes, anything else as JSON.
    fileprivate var plainText: String { stringValue.map { shown($0) } ?? text() }
}

extension Field {
    /// Whether anything in it is a tenant's to set.
    fileprivate var mayBeOverlaid: Bool {
        if let tenantRule { return tenantRule != .never }
        guard case .map(let fields) = shape else { return false }
        return fields.contains { $0.mayBeOverlaid }
    }
}

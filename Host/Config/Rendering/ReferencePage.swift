// SPDX-License-Identifier: Apache-2.0
// ReferencePage: docs/configuration.md, written from the schema; a test compares the file with this.

import CorralBase

extension Schema {
    /// The page. Ends with a line break.
    package static var referencePage: String {
        ([opening] + sections.map(page)).joined(separator: "\n\n") + "\n"
    }

    private static func page(of section: Field) -> String {
        let rows = settings.filter { $0.path.components.first == .name(section.name) }.map { row($0, in: section) }
        let head = ["| Setting | Type | Default | In effect | Meaning |", "|---|---|---|---|---|"]
        var blocks = ["## \(section.name)", section.help, (head + rows).joined(separator: "\n")]
        let instead = reasons(in: section)
        if !instead.isEmpty { blocks.append(instead.joined(separator: "\n")) }
        return blocks.joined(separator: "\n\n")
    }

    private static func row(_ setting: Setting, in section: Field) -> String {
        let path = setting.path.description.dropFirst(section.name.count + 1)
        let isList = if case .list = setting.field.shape { true } else { false }
        let isTree = if case .tree = setting.field.shape { true } else { false }
        let type = isTree ? "map" : setting.field.scalarType.map { (isList ? "list of " : "") + $0.title } ?? ""
        let standard = setting.field.standard.map { "`\(YAMLText.write($0))`" } ?? ""
        let needs = Set(setting.field.needs.values.map(\.name)).sorted().joined(separator: ", ")
        let meaning =
            setting.field.help + (setting.field.isRequired ? " Required." : "")
            + (needs.isEmpty ? "" : " Needs \(needs), as the value asks.")
        return "| `\(path)` | \(type) | \(standard) | \(setting.effect.isActive ? "yes" : "no") | \(meaning) |"
    }

    /// What happens instead, said once for the section and once for each group that differs.
    private static func reasons(in section: Field) -> [String] {
        var lines: [String] = []
        if case .inert(let reason) = section.effect { lines.append("Not in effect in this version: \(reason).") }
        guard case .map(let groups) = section.shape else { return lines }
        for group in groups {
            if case .inert(let reason) = group.effect { lines.append("\nFor `\(group.name)`: \(reason).") }
        }
        return lines
    }
}

extension Field {
    /// The type of the single value or of the list's items.
    fileprivate var scalarType: ScalarType? { shape.innermostScalar }
}

extension Shape {
    fileprivate var innermostScalar: ScalarType? {
        switch self {
        case .scalar(let type): type
        case .list(let item), .dictionary(let item, _): item.innermostScalar
        case .tree: .any
        case .map: nil
        }
    }
}

/// What the tables do not say.
private let opening = """
    # Configuration

    Corral runs without any configuration. What you do configure stands in `corral.yaml` in the project folder, or in
    files of the folder `config/` beside it (`*.yaml`, `*.yml`, `*.json`), one or more sections to a file. A section
    that is given twice is a mistake; both places are named.

    ```
    corral config check            # every mistake at once; then what is in effect and what is degraded, and why
    corral config check --fix      # quotes model selection rules, the one line that is not YAML without quotes
    corral config show --origin    # the values in force and where each comes from
    corral config schema           # JSON Schema, for editors
    ```

    **In effect** says whether a setting changes what this version of Corral does. A setting that does not is accepted
    and checked, and `corral config check` prints a `degraded` row for it, so that nothing is ignored in silence. The
    same goes for what a setting needs from outside: a server or a key that is not there degrades one feature and stops
    nothing.

    ## Values

    * A duration is `500ms`, `10s`, `5m`, `24h`, `1h30m`, `7d` or `7_days`; a rate is `100/hour`; a condition is
      `error_rate > 5%`, `latency_p95 > 10s` or `cost_per_day > $100`; money is US dollars, `50.00` or `$50`.
    * `${NAME}` and `${env:NAME}` stand for an environment variable, `${secret:NAME}` for a secret; `$${` stands for
      `${`. A variable that is not set degrades what it is for; in a setting that is in effect it is an error. A
      secret has no value in a setting: secrets go into plugins' requests (`docs/security/network.md`). `config show`
      never prints the content of a variable in a text, nor anything of `env`, `headers` and `proxy`.
    * `*` in a path stands for a name you choose, `[]` for each item of a list.

    ## A tenant's own file

    `tenants/ID/corral.yaml` in the home is merged over it for that tenant: maps are merged, lists and single values
    replaced. `corral tenant set ID SETTING=VALUE` writes it, by hand works too; it is read again before the tenant's next
    run. A tenant gets less than everyone, never more: it can lower limits, raise `multi_tenancy.isolation.level` and
    switch `allow_custom_*` off. The sections `observability`, `feedback_loops`, `cost_management`, `memory`,
    `human_review`, `evaluation` and `events` it can set as it likes, and of `security` the parts `input_validation`,
    `code_scanning` and `rate_limiting`; all else is the operator's.
    """

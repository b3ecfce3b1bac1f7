// SPDX-License-Identifier: Apache-2.0
// Configuration: from files to a LoadedConfiguration. All files are read and checked before anything is thrown, so that
// one run of `corral config check` shows every mistake.

import CorralBase
import CorralDocument

/// The configuration of a host: corral.yaml and config/, with defaults for what they do not say.
package enum Configuration {
    /// Loads `corral.yaml` and every `.yaml`, `.yml` and `.json` file of `config/` below a folder. Absent files are no
    /// error: a host without any configuration runs on defaults.
    /// - Parameters:
    ///   - directory: the project folder; errors print file names with it in front, and bare for `"."`.
    ///   - overlays: files of a tenant that are merged over it, in this order; absent ones are skipped.
    ///   - environment: what `${NAME}` and missing extras are looked up in.
    /// - Throws: every mistake in every file, `CRL-0010` to `0013` and `CRL-0501` to `0514`.
    package static func load(
        directory: String, overlays: [String] = [], environment: ConfigurationEnvironment
    ) throws(DiagnosticsError) -> LoadedConfiguration {
        let folder = ConfigurationFolder(directory: directory)
        var diagnostics = folder.diagnostics
        var layers: [ConfigurationFile] = []
        for path in overlays {
            do throws(ConfigurationFile.Refusal) {
                if let file = try ConfigurationFile.read(path) { layers.append(file) }
            } catch {
                diagnostics.append(error.diagnostic)
            }
        }
        return try resolve(
            folder.files, overlays: layers, environment: environment, directory: directory, found: diagnostics)
    }

    /// The same from texts in memory.
    /// - Parameter found: mistakes that are already known and are reported with the others.
    package static func resolve(
        _ files: [ConfigurationFile], overlays: [ConfigurationFile] = [], environment: ConfigurationEnvironment,
        directory: String = ".", found: [Diagnostic] = []
    ) throws(DiagnosticsError) -> LoadedConfiguration {
        var assembly = Assembly(environment: environment, diagnostics: found)
        for file in files { assembly.add(file) }
        for file in overlays { assembly.merge(file) }
        let diagnostics = assembly.finish()
        if diagnostics.contains(where: { $0.severity == .error }) { throw DiagnosticsError(diagnostics) }
        return LoadedConfiguration(
            directory: directory, files: (files + overlays).map(\.path), sections: assembly.sections,
            warnings: DiagnosticsError(diagnostics).diagnostics, environment: environment)
    }
}

/// The sections of several files on their way to one configuration.
private struct Assembly {
    private(set) var sections: [ResolvedNode.Member] = []
    private var places: [String: SourceLocation] = [:]
    private var validator: Validator
    private var diagnostics: [Diagnostic]

    init(environment: ConfigurationEnvironment, diagnostics: [Diagnostic]) {
        validator = Validator(environment: environment)
        self.diagnostics = diagnostics
    }

    mutating func add(_ file: ConfigurationFile) {
        for (key, node) in parse(file) {
            if let first = places.updateValue(key.location, forKey: key.name) {
                diagnostics.append(.sectionTwice(key.name, first: first, at: key.location))
                places[key.name] = first
            } else {
                sections.append(ResolvedNode.Member(name: key.name, node: node))
            }
        }
    }

    mutating func merge(_ overlay: ConfigurationFile) {
        for (key, node) in parse(overlay) {
            guard let field = Schema.section(named: key.name) else { continue }
            let index = sections.firstIndex { $0.name == key.name }
            var bounds = OverlayBounds()
            bounds.check(node, at: key.location, against: index.map { sections[$0].node }, field)
            diagnostics += bounds.diagnostics
            let isGrants = key.name == Field.grantsSection.name
            if isGrants { diagnostics += GrantChecks.widening(index.map { sections[$0].node }, by: node) }
            if let index {
                let base = sections[index].node
                sections[index].node = (isGrants ? GrantChecks.spelledOut(base, for: node) : base).merged(with: node)
            } else {
                sections.append(ResolvedNode.Member(name: key.name, node: node))
            }
        }
    }

    private mutating func parse(_ file: ConfigurationFile) -> [(name: YAMLNode, node: ResolvedNode)] {
        let quoted = QuotedText(file.text)
        for rule in quoted.rules {
            diagnostics.append(
                .ruleUnquoted(
                    rule.rule, at: SourceLocation(file: file.path, line: rule.line, column: rule.column)))
        }
        do throws(DiagnosticsError) {
            guard let document = try YAMLNode.parse(quoted.text, file: file.path) else { return [] }
            return validator.sections(of: document)
        } catch {
            diagnostics += error.diagnostics
            return []
        }
    }

    /// Reports what is still missing, and hands over all that was found.
    mutating func finish() -> [Diagnostic] {
        for section in sections {
            guard let field = Schema.section(named: section.name) else { continue }
            validator.requireMembers(section.node, field.shape, SettingPath([.name(section.name)]))
        }
        diagnostics += sections.flatMap { GrantChecks.names(in: $0) } + GrantChecks.programs(sections)
        diagnostics += EvaluationChecks.rules(sections) + NotificationChecks.channels(sections)
        return diagnostics + validator.diagnostics
    }
}

// SPDX-License-Identifier: Apache-2.0
// PromptReport: what `corral prompt …` prints, for people and as JSON.

import CorralBase
import CorralControl

enum PromptReport {
    static func list(_ prompts: [PromptSummary], terminal: Terminal) -> String {
        var table = Table([
            .init(title: "PROMPT", yields: true), .init(title: "IN EFFECT"), .init(title: "LABELS"),
            .init(title: "VERSIONS", isRight: true),
            .init(title: "PROPOSED", paint: { style, text in style.warn(text) }),
        ])
        for prompt in prompts {
            table.add([
                prompt.name + (prompt.isDeclared ? "" : " (no plugin here)"), inForce(prompt), labels(prompt),
                String(prompt.versions), prompt.proposed.map(String.init).joined(separator: ", "),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func inForce(_ prompt: PromptSummary) -> String {
        let version = prompt.version == 0 ? "the plugin's own text" : "version \(prompt.version)"
        return version + (prompt.label.map { " (\($0))" } ?? "")
    }

    private static func labels(_ prompt: PromptSummary) -> String {
        prompt.labels.sorted { $0.key < $1.key }.map { "\($0.key) → \($0.value)" }.joined(separator: ", ")
    }

    static func show(_ detail: PromptDetail, terminal: Terminal) -> String {
        let style = terminal.output
        var text = style.bold(printable(detail.summary.name)) + "\n"
        if !detail.summary.help.isEmpty { text += printable(detail.summary.help) + "\n" }
        text += "in effect: \(inForce(detail.summary)); variables: "
        text += (detail.summary.variables.isEmpty ? "none" : detail.summary.variables.joined(separator: ", ")) + "\n"
        text += "\n" + style.bold("version \(detail.version)") + "\n" + lines(detail.text)
        if !detail.note.isEmpty { text += style.faint("  note: " + printable(detail.note)) + "\n" }
        text += "\n" + style.bold("versions") + "\n" + versions(detail, terminal)
        if !detail.moves.isEmpty { text += "\n" + style.bold("labels") + "\n" + moves(detail, terminal) }
        return text
    }

    private static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + printable($0) + "\n" }.joined()
    }

    private static func versions(_ detail: PromptDetail, _ terminal: Terminal) -> String {
        var table = Table(
            [
                .init(title: "#", isRight: true), .init(title: "STATE"), .init(title: "SOURCE"), .init(title: "BY"),
                .init(title: "AT"), .init(title: "DECIDED", yields: true),
            ], indent: 2)
        for version in detail.versions {
            table.add([
                String(version.version), version.state, version.source, version.author,
                version.createdAt.map { Quantity.time($0, zoneSeconds: terminal.zoneSeconds) } ?? "",
                version.decidedBy.map { "by \($0)" } ?? "",
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func moves(_ detail: PromptDetail, _ terminal: Terminal) -> String {
        var table = Table(
            [.init(title: "LABEL"), .init(title: "TO"), .init(title: "BY"), .init(title: "AT", yields: true)], indent: 2
        )
        for move in detail.moves {
            table.add([
                move.label, move.version.map { "version \($0)" } ?? "nothing", move.actor,
                Quantity.time(move.at, zoneSeconds: terminal.zoneSeconds),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func diff(_ from: Int, _ to: Int, _ lines: [LineDifference], terminal: Terminal) -> String {
        let style = terminal.output
        let head = style.bad("--- version \(from)") + "\n" + style.good("+++ version \(to)") + "\n"
        return head
            + lines.map { line in
                switch line {
                case .same(let text): "  " + printable(text) + "\n"
                case .removed(let text): style.bad("- " + printable(text)) + "\n"
                case .added(let text): style.good("+ " + printable(text)) + "\n"
                }
            }.joined()
    }
}

/// One line of a comparison of two texts.
enum LineDifference: Equatable {
    case same(String)
    case removed(String)
    case added(String)

    /// The shortest way from one text to the other, removals before additions.
    static func lines(_ old: String, _ new: String) -> [LineDifference] {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let difference = after.difference(from: before)
        var (removals, insertions): (Swift.Set<Int>, Swift.Set<Int>) = ([], [])
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removals.insert(offset)
            case .insert(let offset, _, _): insertions.insert(offset)
            }
        }
        var lines: [LineDifference] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if removals.contains(left) {
                lines.append(.removed(before[left]))
                left += 1
            } else if insertions.contains(right) {
                lines.append(.added(after[right]))
                right += 1
            } else {
                lines.append(.same(before[left]))
                left += 1
                right += 1
            }
        }
        return lines
    }

    var json: JSON {
        switch self {
        case .same(let text): ["change": "same", "text": .string(text)]
        case .removed(let text): ["change": "removed", "text": .string(text)]
        case .added(let text): ["change": "added", "text": .string(text)]
        }
    }
}

extension PromptSummary {
    var json: JSON {
        [
            "name": .string(name), "help": .string(help), "variables": .array(variables.map { .string($0) }),
            "version": .int(Int64(version)), "label": label.map { .string($0) } ?? .null,
            "labels": .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) })),
            "versions": .int(Int64(versions)), "proposed": .array(proposed.map { .int(Int64($0)) }),
            "declared": .bool(isDeclared),
        ]
    }
}

extension PromptDetail {
    var json: JSON {
        [
            "prompt": summary.json, "version": .int(Int64(version)), "text": .string(text), "note": .string(note),
            "versions": .array(
                versions.map { version in
                    [
                        "version": .int(Int64(version.version)), "source": .string(version.source),
                        "author": .string(version.author), "created_at": version.createdAt.map { .int($0) } ?? .null,
                        "state": .string(version.state), "decided_by": version.decidedBy.map { .string($0) } ?? .null,
                        "decided_at": version.decidedAt.map { .int($0) } ?? .null,
                    ]
                }),
            "moves": .array(
                moves.map { move in
                    [
                        "label": .string(move.label), "version": move.version.map { .int(Int64($0)) } ?? .null,
                        "actor": .string(move.actor), "at": .int(move.at),
                    ]
                }),
        ]
    }
}

// SPDX-License-Identifier: Apache-2.0
// PeopleReport: what `corral user …` and `corral audit …` print, for people and as JSON.

import CorralBase
import CorralControl
import CorralIdentity

enum PeopleReport {
    static func users(_ users: [UserDetail], terminal: Terminal) -> String {
        var table = Table([
            .init(title: "USER"), .init(title: "IS"), .init(title: "ROLES", yields: true), .init(title: "SINCE"),
        ])
        for user in users {
            table.add([
                user.name, user.credentials.map(\.text).joined(separator: ", "),
                user.grants.isEmpty ? "none" : user.grants.map(\.text).joined(separator: ", "),
                user.createdAt.map { Quantity.time($0, zoneSeconds: terminal.zoneSeconds) } ?? "always",
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func audit(_ entries: [AuditEntry], terminal: Terminal) -> String {
        var table = Table([
            .init(title: "#", isRight: true), .init(title: "TIME"), .init(title: "WHO"), .init(title: "WHAT"),
            .init(title: "OUTCOME", paint: { style, text in style.outcome(text) }), .init(title: "TENANT"),
            .init(title: "OF", yields: true),
        ])
        for entry in entries {
            let draft = entry.draft
            table.add([
                String(entry.sequence), Quantity.time(entry.at, zoneSeconds: terminal.zoneSeconds), draft.actor,
                draft.action, draft.outcome.rawValue, draft.tenant?.text ?? "", subject(draft),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func subject(_ draft: AuditDraft) -> String {
        guard draft.detail != [:] else { return draft.subject }
        return (draft.subject.isEmpty ? "" : draft.subject + " ") + draft.detail.text()
    }

    static func verdict(_ verdict: AuditVerdict, terminal: Terminal) -> String {
        let style = terminal.output
        let head = "\(verdict.entries) entries, head \(verdict.head.text)\n"
        guard !verdict.problems.isEmpty else { return style.good("✔") + " " + head }
        return style.bad("✖") + " " + head
            + verdict.problems.map { "  " + style.bad(printable($0)) + "\n" }.joined()
    }
}

extension Style {
    fileprivate func outcome(_ text: String) -> String {
        switch text.trimmed {
        case "refused", "failed": warn(text)
        default: text
        }
    }
}

extension UserDetail {
    var json: JSON {
        [
            "name": .string(name), "credentials": .array(credentials.map { .string($0.text) }),
            "roles": .array(
                grants.map {
                    ["role": .string($0.role.text), "tenant": $0.tenant.map { .string($0.text) } ?? .null]
                }), "created_at": createdAt.map { .int($0) } ?? .null,
        ]
    }
}

extension AuditEntry {
    /// As it is stored.
    var json: JSON { (try? JSON(parsing: text)) ?? .null }
}

extension AuditVerdict {
    var json: JSON {
        [
            "entries": .int(entries), "head": .string(head.text), "whole": .bool(problems.isEmpty),
            "problems": .array(problems.map { .string($0) }),
        ]
    }
}

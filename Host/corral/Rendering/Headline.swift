// SPDX-License-Identifier: Apache-2.0
// Headline: a run's output in a few lines: its top-level members, long and nested ones only named.

import CorralBase

enum Headline {
    private static let linesMax = 24

    /// One line a member, or the value itself. Ends with a line break.
    static func text(_ value: JSON, indent: Int = 0, width: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        guard case .object(let object) = value, !object.isEmpty else {
            return margin + shown(value, width: width - indent) + "\n"
        }
        let nameWidth = min(24, object.keys.map { printable($0).columns }.max() ?? 0)
        var lines = object.members.prefix(linesMax).map { member in
            let name = printable(member.key).fitted(to: nameWidth).padded(to: nameWidth)
            return margin + name + "  " + shown(member.value, width: max(20, width - indent - nameWidth - 2))
        }
        if object.count > linesMax { lines.append(margin + "… and \(object.count - linesMax) more") }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func shown(_ value: JSON, width: Int) -> String {
        switch value {
        case .string(let text): return printable(text).fitted(to: width)
        case .array(let items):
            return items.isEmpty ? "none" : "\(items.count) item\(items.count == 1 ? "" : "s")"
        case .object(let object):
            if object["$artifact"] != nil {
                return printable(object["name"]?.stringValue ?? "a file").fitted(to: width)
            }
            return "{\(object.keys.map { printable($0) }.joined(separator: ", "))}".fitted(to: width)
        default: return value.text()
        }
    }
}

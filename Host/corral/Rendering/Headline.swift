// SPDX-License-Identifier: Apache-2.0
// Headline: a run's output in a few lines: its members, long and deeply nested ones only named.

import CorralBase
import Foundation

enum Headline {
    private static let linesMax = 40

    /// One line a member, or the value itself; the members of a map of plain values stand below its name. Ends with a
    /// line break.
    static func text(_ value: JSON, indent: Int = 0, width: Int) -> String {
        var lines = lines(value, indent: indent, width: width, isTop: true)
        let hidden = lines.count - linesMax
        if hidden > 0 { lines = lines.prefix(linesMax - 1) + [margin(indent) + "… and \(hidden + 1) more lines"] }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ value: JSON, indent: Int, width: Int, isTop: Bool) -> [String] {
        guard case .object(let object) = value, !object.isEmpty else {
            return [margin(indent) + shown(value, width: width - indent)]
        }
        let nameWidth = min(24, object.keys.map { printable($0).columns }.max() ?? 0)
        return object.members.flatMap { member -> [String] in
            let name = printable(member.key).fitted(to: nameWidth)
            if isTop, isPlain(member.value) {
                return [margin(indent) + name] + lines(member.value, indent: indent + 2, width: width, isTop: false)
            }
            let room = max(20, width - indent - nameWidth - 2)
            return [margin(indent) + name.padded(to: nameWidth) + "  " + shown(member.value, width: room)]
        }
    }

    /// A map of numbers, texts and truths, and no reference to a file.
    private static func isPlain(_ value: JSON) -> Bool {
        guard case .object(let object) = value, !object.isEmpty, object["$artifact"] == nil else { return false }
        return object.members.allSatisfy { $0.value.arrayValue == nil && $0.value.objectValue == nil }
    }

    private static func margin(_ indent: Int) -> String { String(repeating: " ", count: indent) }

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
        // Six digits are what a person compares; `--json` has them all.
        case .double(let number): return number == number.rounded() ? value.text() : String(format: "%.6g", number)
        default: return value.text()
        }
    }
}

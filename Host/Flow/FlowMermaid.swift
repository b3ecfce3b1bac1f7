// SPDX-License-Identifier: Apache-2.0
// FlowMermaid: a flow as a picture in Mermaid's text form (`corral flow graph`). The text depends on the file alone, so
// it can be committed and compared.

import CorralBase

extension FlowDefinition {
    /// A Mermaid flowchart: a box for each step, stacked for `for_each`, with its condition; an arrow for each `after`.
    package var mermaid: String {
        var lines = ["flowchart TD"]
        for step in steps { lines.append("    \(step.name)_\(Self.shape(step))") }
        for step in steps {
            for before in step.after { lines.append("    \(steps[before].name)_ --> \(step.name)_") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Names end in `_` in the text, because Mermaid keeps words such as `end` for itself.
    private static func shape(_ step: FlowStep) -> String {
        var label = "<b>\(step.name)</b><br/>\(step.target)"
        if let forEach = step.forEach { label += "<br/>for each \(forEach.itemName)" }
        if let when = step.when { label += "<br/>when \(escaped(when.expression.text))" }
        return step.forEach == nil ? "[\"\(label)\"]" : "[[\"\(label)\"]]"
    }

    private static func escaped(_ text: String) -> String {
        let entities: [Character: String] = [
            "\"": "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;", "\n": " ", "\r\n": " ", "`": "#96;",
        ]
        let shown = text.count > 60 ? text.prefix(59) + "…" : text[...]
        return shown.map { entities[$0] ?? String($0) }.joined()
    }
}

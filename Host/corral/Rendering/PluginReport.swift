// SPDX-License-Identifier: Apache-2.0
// PluginReport: what `plugin list` and `plugin show` print.

import CorralBase
import CorralControl

enum PluginReport {
    static func list(_ plugins: [PluginSummary], terminal: Terminal) -> String {
        var table = Table([
            .init(title: "PLUGIN"), .init(title: "VERSION"), .init(title: "KIND"),
            .init(title: "SUMMARY", yields: true),
        ])
        for plugin in plugins where plugin.error == nil {
            table.add([
                plugin.id ?? plugin.path, plugin.version ?? "", plugin.kinds.joined(separator: ", "),
                plugin.summary ?? "",
            ])
        }
        var text = table.rows.isEmpty ? "" : table.text(width: terminal.width, style: terminal.output)
        for plugin in plugins {
            guard let error = plugin.error ?? plugin.held else { continue }
            text += "\n" + terminal.output.bold(printable(plugin.path)) + "\n" + terminal.output.error(error) + "\n"
        }
        return text
    }

    static func show(_ detail: PluginDetail, terminal: Terminal) -> String {
        let style = terminal.output
        let plugin = detail.plugin
        var table = Table([
            .init(title: "", paint: { style, text in style.faint(text) }), .init(title: "", yields: true),
        ])
        table.add(["kind", plugin.kinds.joined(separator: ", ")])
        table.add(["file", plugin.path])
        table.add(["digest", detail.digest])
        if let toolchain = detail.toolchain { table.add(["toolchain", toolchain]) }
        table.add(["compartment", detail.compartment])
        table.add([
            "shares with", detail.compartmentMates.isEmpty ? "nobody" : detail.compartmentMates.joined(separator: ", "),
        ])
        table.add(["calls", detail.isSerial ? "one at a time" : "several at once"])
        if detail.isQuarantined {
            table.add(["quarantine", "not run any more; corral plugin release \(plugin.id ?? "")"])
        }
        var text = style.bold(printable(plugin.id ?? plugin.path)) + " " + printable(plugin.version ?? "") + "\n"
        if let summary = plugin.summary { text += printable(summary) + "\n" }
        text += "\n" + table.text(width: terminal.width, style: style)
        if let error = plugin.error { text += "\n" + style.error(error) + "\n" }
        if let held = plugin.held {
            text += "\n" + style.bold("newer content of the file does not serve; what it held before goes on") + "\n"
            text += style.error(held) + "\n"
        }
        if let schema = detail.inputSchema?.value { text += block("input", fields(schema, terminal), style) }
        if let schema = detail.outputSchema?.value { text += block("output", fields(schema, terminal), style) }
        text += block("grants", grants(detail.grants, terminal), style)
        text += block("refused", refusals(detail.refusals, terminal), style)
        return text + block("tools", tools(detail.tools, terminal), style)
    }

    /// What it asks for, what it got, and where that is said. Without a row it can reach nothing outside its process.
    private static func grants(_ grants: [GrantDetail], _ terminal: Terminal) -> String {
        guard !grants.isEmpty else { return "  asks for nothing: it reaches nothing outside its own process\n" }
        var table = Table(
            [
                .init(title: "KIND"), .init(title: "ASKS FOR", yields: true), .init(title: "GRANTED"),
                .init(title: "SAID BY"), .init(title: "USED", isRight: true),
            ], indent: 2)
        for grant in grants {
            let got =
                grant.granted.isEmpty
                ? "denied" : grant.granted == [grant.asked] ? "as asked" : grant.granted.joined(separator: "; ")
            table.add([grant.kind, grant.asked, got, grant.origin, "\(grant.used)"])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func refusals(_ refusals: [RefusalDetail], _ terminal: Terminal) -> String {
        var table = Table(
            [.init(title: "KIND"), .init(title: "TARGET", yields: true), .init(title: "TIMES", isRight: true)],
            indent: 2)
        for refusal in refusals { table.add([refusal.kind, refusal.target, "\(refusal.count)"]) }
        return refusals.isEmpty ? "" : table.text(width: terminal.width, style: terminal.output)
    }

    private static func block(_ title: String, _ text: String, _ style: Style) -> String {
        text.isEmpty ? "" : "\n" + style.bold(title) + "\n" + text
    }

    private static func tools(_ tools: [ToolDetail], _ terminal: Terminal) -> String {
        var table = Table(
            [.init(title: ""), .init(title: "", yields: true), .init(title: "")], indent: 2)
        for tool in tools {
            table.add([
                tool.name, tool.signature ?? tool.summary ?? "", tool.signature == nil ? "" : tool.summary ?? "",
            ])
        }
        return tools.isEmpty ? "" : table.text(width: terminal.width, style: terminal.output)
    }

    /// The top-level members of a JSON schema: name, type, whether it must be given, and what it says about itself.
    private static func fields(_ schema: JSON, _ terminal: Terminal) -> String {
        guard let properties = schema["properties"]?.objectValue, !properties.isEmpty else { return "" }
        let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        var table = Table(
            [.init(title: ""), .init(title: ""), .init(title: ""), .init(title: "", yields: true)], indent: 2)
        for (name, property) in properties.members {
            table.add([
                name, property["type"]?.stringValue ?? "", required.contains(name) ? "required" : "",
                property["description"]?.stringValue ?? "",
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }
}

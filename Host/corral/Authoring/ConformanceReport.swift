// SPDX-License-Identifier: Apache-2.0
// ConformanceReport: the results of `plugin check` for a person, a script and a CI server.

import CorralBase
import CorralConformance
import Foundation

struct ConformanceReport {
    let library: String
    /// Nil when the library does not load.
    let facts: PluginFacts?
    let seed: UInt64
    let results: [CheckResult]

    var hasFailed: Bool { results.contains { $0.verdict.isFailure } }

    private func count(_ state: String) -> Int { results.filter { $0.verdict.state == state }.count }

    private var name: String { facts.map { "\($0.manifest.id)" } ?? Path.name(library) }

    // MARK: For a person

    static func mark(_ verdict: Verdict, _ style: Style) -> String {
        switch verdict {
        case .passed: style.good("✔")
        case .failed: style.bad("✖")
        case .skipped: style.faint("-")
        }
    }

    /// The check's claim, or on a failure what was found instead.
    static func line(_ result: CheckResult, _ style: Style) -> String {
        let width = Check.allCases.map(\.rawValue.count).max() ?? 0
        let name = result.check.rawValue.padded(to: width)
        let time = Quantity.duration(result.duration).paddedLeft(to: 8)
        let words = result.verdict.words
        let text =
            switch result.verdict {
            case .passed: result.check.claim + (words.isEmpty ? "" : style.faint(" (\(printable(words)))"))
            case .failed: printable(words)
            case .skipped: style.faint("skipped: " + printable(words))
            }
        return "\(mark(result.verdict, style)) \(name) \(style.faint(time))  \(text)"
    }

    func summary(_ style: Style) -> String {
        let total = results.reduce(Duration.zero) { $0 + $1.duration }
        let parts = [
            "\(count("passed")) passed", count("failed") > 0 ? style.bad("\(count("failed")) failed") : "",
            count("skipped") > 0 ? "\(count("skipped")) skipped" : "",
        ]
        let level = facts.map { ", isolation \($0.isolation)" } ?? ""
        return "\(style.bold(printable(name))): \(parts.filter { !$0.isEmpty }.joined(separator: ", "))"
            + style.faint(" in \(Quantity.duration(total))\(level)")
    }

    func reproduceCommands(_ plugin: String) -> [String] {
        results.compactMap(\.token).map { "corral plugin check \(plugin) --reproduce \($0)" }
    }

    static func list(asJSON: Bool, _ terminal: Terminal) -> String {
        if asJSON {
            return JSON.array(Check.allCases.map { ["name": .string($0.rawValue), "claim": .string($0.claim)] })
                .text(.pretty)
        }
        var table = Table([.init(title: "CHECK"), .init(title: "A PLUGIN THAT PASSES", yields: true)])
        for check in Check.allCases { table.add([check.rawValue, check.claim]) }
        return table.text(width: terminal.width, style: terminal.output)
    }

    // MARK: For a script

    var json: JSON {
        [
            "plugin": facts.map { .string($0.manifest.id.text) } ?? .null,
            "version": facts.map { .string($0.manifest.version) } ?? .null, "library": .string(library),
            "isolation": facts.map { .string($0.isolation) } ?? .null, "seed": .string(String(seed, radix: 16)),
            "passed": .int(Int64(count("passed"))), "failed": .int(Int64(count("failed"))),
            "skipped": .int(Int64(count("skipped"))), "checks": .array(results.map(Self.json)),
        ]
    }

    private static func json(_ result: CheckResult) -> JSON {
        let parts = result.duration.components
        return [
            "name": .string(result.check.rawValue), "claim": .string(result.check.claim),
            "state": .string(result.verdict.state), "detail": .string(result.verdict.words),
            "duration_ns": .int(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000),
            "reproduce": result.token.map { .string($0) } ?? .null,
        ]
    }

    // MARK: For a CI server

    /// JUnit XML as Jenkins and GitLab read it: one suite, one case a check.
    var junit: String {
        let total = results.reduce(Duration.zero) { $0 + $1.duration }
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            "<testsuite name=\"\(Self.escaped(name))\" tests=\"\(results.count)\" failures=\"\(count("failed"))\" "
                + "skipped=\"\(count("skipped"))\" errors=\"0\" time=\"\(Self.seconds(total))\">",
        ]
        for result in results {
            let head =
                "  <testcase classname=\"\(Self.escaped(name))\" name=\"\(result.check.rawValue)\" "
                + "time=\"\(Self.seconds(result.duration))\""
            let words = Self.escaped(result.verdict.words)
            switch result.verdict {
            case .passed: lines.append(head + "/>")
            case .failed:
                let again = result.token.map { "\nagain: --reproduce \($0)" } ?? ""
                lines.append(head + "><failure message=\"\(words)\">\(words)\(again)</failure></testcase>")
            case .skipped: lines.append(head + "><skipped message=\"\(words)\"/></testcase>")
            }
        }
        return (lines + ["</testsuite>", ""]).joined(separator: "\n")
    }

    private static func seconds(_ duration: Duration) -> String {
        let parts = duration.components
        return String(format: "%.3f", Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
    }

    /// XML 1.0 has no way to write most control characters (section 2.2), so they become visible first.
    private static func escaped(_ text: String) -> String {
        printable(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

enum OutputFile {
    /// - Throws: `output_not_written`.
    static func write(_ text: String, to path: String) throws {
        do { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
            throw CorralError.outputNotWritten(path, error.localizedDescription)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// AuthoringTests: what `plugin check` and `dev` print from which results.

import CorralBase
import CorralControl
import Foundation
import Testing

@testable import CorralCommand
@testable import CorralConformance

@Suite struct AuthoringTests {
    private static let results = [
        CheckResult(check: .entry, verdict: .passed("loaded in 0.6 ms"), duration: .milliseconds(12)),
        CheckResult(
            check: .fuzz, verdict: .failed("it crashed with SIGILL at +0x1149 <\u{1B}[31m&\">"),
            duration: .milliseconds(1300), token: "fuzz-5eed-17"),
        CheckResult(check: .concurrency, verdict: .skipped("its manifest says \"serial\""), duration: .zero),
    ]
    private static let report = ConformanceReport(
        library: "/x/greeter.so", facts: nil, seed: 0x5EED, results: results)

    @Test func drawsOneLineForEachCheck() {
        let lines = Self.results.map { ConformanceReport.line($0, .plain) + "\n" }.joined()
        #expect(
            framed(lines) == """
                |✔ entry             12.0 ms  loads, and its entry point answers within a second (loaded in 0.6 ms)|
                |✖ fuzz               1.30 s  it crashed with SIGILL at +0x1149 <\\u{1b}[31m&">|
                |- concurrency          0 ms  skipped: its manifest says "serial"|

                """)
        #expect(Self.report.summary(.plain) == "greeter.so: 1 passed, 1 failed, 1 skipped in 1.31 s")
        #expect(Self.report.reproduceCommands(".") == ["corral plugin check . --reproduce fuzz-5eed-17"])
    }

    @Test func printsJSONWithTheSeedAndTheToken() {
        let json = Self.report.json
        #expect(json["seed"] == "5eed" && json["plugin"] == .null && json["failed"] == 1)
        #expect(json["checks"]?.arrayValue?[1]["reproduce"] == "fuzz-5eed-17")
        #expect(json["checks"]?.arrayValue?[1]["duration_ns"] == 1_300_000_000)
    }

    @Test func writesJUnitThatNoPluginsWordsCanBreak() {
        let xml = Self.report.junit
        #expect(
            xml.contains(#"<testsuite name="greeter.so" tests="3" failures="1" skipped="1" errors="0" time="1.312">"#))
        #expect(xml.contains(#"message="it crashed with SIGILL at +0x1149 &lt;\u{1b}[31m&amp;&quot;&gt;""#), "\(xml)")
        #expect(xml.contains(#"<skipped message="its manifest says &quot;serial&quot;"/>"#))
        #expect(!xml.contains("\u{1B}"))
    }

    @Test func leavesOutTheProgressOfBuildsAndKeepsTheirWords() {
        let output =
            "Building for debugging...\n[1/9] Compiling Greeter\n/a/G.swift:3:5: error: no\u{7} such\n[2/9] error: x\n"
        #expect(CompilerWords.text(output) == "/a/G.swift:3:5: error: no\\u{7} such\n[2/9] error: x")
        let long = (0..<500).map { "line \($0)\n" }.joined()
        #expect(CompilerWords.text(long).hasPrefix("… 300 lines before\nline 300\n"))
    }

    @Test func saysWhatDevDoesInOneLineEach() throws {
        let added = PluginAdder.Added(
            id: "acme/x", version: "1.1.0", oldVersion: "1.0.0", path: "/p/plugins.d/acme-x.so")
        let end = RunEnd(
            run: run, state: .succeeded, startedAt: start, finishedAt: start + 21 * millisecond, output: ["text": "Hi"])
        let events: [(DevEvent, String)] = [
            (.changed(["a.c", "b.c", "c.c", "d.c"]), "\n● changed a.c, b.c, c.c, …"),
            (.built(.milliseconds(930)), "✔ built in 930 ms"),
            (.checked([Self.results[0]]), "✔ checked entry in 12.0 ms"),
            (.swapped(added), "✔ acme/x 1.1.0, was 1.0.0 in /p/plugins.d/acme-x.so"),
            (.running(target: "acme/x", input: "name=\"Ada\""), "▸ acme/x name=\"Ada\""),
            (.partial("a\u{1B}[2J"), "  … a\\u{1b}[2J"),
            (
                .answered(end, after: .milliseconds(1240)),
                "  text  Hi\n✔ answered, run \(run) took 21.0 ms; 1.24 s after the save"
            ),
        ]
        for (event, text) in events { #expect(event.text(.plain, width: 100) == text) }
        #expect(DevEvent.answered(end, after: .seconds(1)).json["after_save_ns"] == 1_000_000_000)
        #expect(DevEvent.checked(Self.results).json["passed"] == false)
    }

    @Test func readsFilesAndValuesOfASample() throws {
        let home = try TestHome()
        let file = try home.write("prices.csv", "a,b\n")
        let sample = try SampleInput.sample(["n=7", "text=@@x", "name=Ada", "prices=@\(file)"])
        let body = try JSON(parsing: sample.body)
        #expect(body["n"] == 7 && body["text"] == "@x" && body["name"] == "Ada")
        #expect(body["prices"]?["name"] == "prices.csv" && body["prices"]?["bytes"] == 4)
        #expect(sample.files.map(\.reference) == [body["prices"]?["$artifact"]?.stringValue])
        #expect(sample.files.first?.bytes == Array("a,b\n".utf8))
    }

    @Test func tailsOnlyWhatIsNewAndAboutThePlugin() throws {
        let home = try TestHome()
        let path = try home.write("host.log", "old acme/x\n")
        var tail = LogTail(path)
        #expect(tail.lines(about: "acme/x").isEmpty)
        func append(_ text: String) throws {
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
        try append("one acme/x\nother acme/y\nhalf of acme")
        #expect(tail.lines(about: "acme/x") == ["one acme/x"])
        try append("/x\n")
        #expect(tail.lines(about: "acme/x") == ["half of acme/x"])
    }
}

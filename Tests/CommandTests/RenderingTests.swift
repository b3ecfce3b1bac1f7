// SPDX-License-Identifier: Apache-2.0
// RenderingTests: what is drawn from which values, character by character.

import CorralBase
import CorralControl
import Testing

@testable import CorralCommand

let plainTerminal = Terminal(
    output: .plain, talk: .plain, width: 100, height: 24, isLive: false, zoneSeconds: 0)

func terminal(width: Int) -> Terminal {
    Terminal(output: .plain, talk: .plain, width: width, height: 24, isLive: false, zoneSeconds: 0)
}

let run = RunID(milliseconds: 1_700_000_000_000, random: 7)
/// 2023-11-14 22:13:20 UTC.
let start: Int64 = 1_700_000_000_000_000_000
let millisecond: Int64 = 1_000_000

/// A line of the form `|text|` for each line, so that spaces at an end are seen and editors leave them alone.
func framed(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { "|\($0)|\n" }.joined()
}

@Suite struct WaterfallTests {
    private func span(
        _ id: String, parent: String? = nil, from: Int64, queuedTo: Int64? = nil, to: Int64?, status: String = "ok"
    ) -> SpanDetail {
        SpanDetail(
            id: id, parent: parent, name: id, kind: "agent", startedAt: start + from * millisecond,
            queuedUntil: queuedTo.map { start + $0 * millisecond }, endedAt: to.map { start + $0 * millisecond },
            status: status)
    }

    @Test func drawsQueuedAndRunningTimeOfEachCallBelowItsParent() {
        let spans = [
            span("run", from: 0, to: 1000),
            span("technical", parent: "run", from: 500, queuedTo: 600, to: 1000),
            span("load", parent: "run", from: 0, queuedTo: 250, to: 500),
            span("corral/fetch", parent: "load", from: 300, to: 450),
        ]
        #expect(
            framed(Waterfall(spans).text(width: 64, style: .plain)) == """
                |                  0                      1.00 s|
                |run               █████████████████████████████           1.00 s|
                |  load            ░░░░░░░████████                250 ms + 250 ms|
                |    corral/fetch           ████                           150 ms|
                |  technical                      ░░████████████  100 ms + 400 ms|
                |░ queued  █ running|

                """)
    }

    @Test func marksFailuresAndSpansThatDidNotEnd() {
        let spans = [span("run", from: 0, to: nil), span("load", parent: "run", from: 0, to: 100, status: "error")]
        #expect(
            framed(Waterfall(spans).text(width: 50, style: .plain)) == """
                |              0                   100 ms|
                |run           ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒         ?|
                |  load        ██████████████████████████  ✖ 100 ms|
                |░ queued  █ running  ▒ did not end|

                """)
    }

    @Test func aBarHasACellHoweverShortItWas() {
        let spans = [span("run", from: 0, to: 10_000), span("tick", parent: "run", from: 10_000, to: 10_000)]
        let lines = Waterfall(spans).text(width: 60, style: .plain).split(separator: "\n")
        #expect(lines[2].contains("█"))
        #expect(lines[1].columns <= 60 && lines[2].columns <= 60)
    }

    @Test(arguments: [20, 40, 60, 80, 100, 200, 400])
    func neverExceedsTheTerminal(_ width: Int) {
        let first = "a-rather-long-name-of-a-step"
        let spans = (0..<30).map { (number: Int64) -> SpanDetail in
            let name = number == 0 ? first : "\(first)-\(number)"
            return span(
                name, parent: number == 0 ? nil : first, from: number * 10, queuedTo: number * 15, to: number * 31)
        }
        for line in Waterfall(spans).text(width: max(width, 44), style: .plain).split(separator: "\n") {
            #expect(line.columns <= max(width, 44), "\(line)")
        }
    }

    @Test func survivesTimesAndParentsThatMakeNoSense() {
        let spans = [
            SpanDetail(id: "a", parent: "b", name: "a", kind: "x", startedAt: .min, queuedUntil: .max, endedAt: .min),
            SpanDetail(id: "b", parent: "a", name: "b", kind: "x", startedAt: .max, endedAt: 0),
            SpanDetail(id: "c", parent: "c", name: "c\u{1B}[2J", kind: "x", startedAt: 5, queuedUntil: 1, endedAt: 2),
            SpanDetail(id: "c", parent: "nobody", name: "c", kind: "x", startedAt: 0, endedAt: .max),
        ]
        let text = Waterfall(spans).text(width: 80, style: .plain)
        #expect(!text.contains("\u{1B}"))
        #expect(Waterfall([]).text(width: 80, style: .plain) == "")
    }

    @Test func manySpansAreCutWithTheirNumber() {
        let spans = (0..<2000).map { span("s\($0)", from: Int64($0), to: Int64($0 + 1)) }
        let text = Waterfall(spans).text(width: 80, style: .plain)
        #expect(text.contains("… and 1500 more; `--json` has them all"))
    }
}

@Suite struct ProgressBoardTests {
    private let load = StepReference("load")

    private func lines(_ events: [(Int64, RunEvent.Body)]) -> [String] {
        var board = ProgressBoard(width: 72, style: .plain)
        return events.flatMap { board.apply(RunEvent(at: start + $0 * millisecond, $1)) }
    }

    @Test func saysEachFinishedStepOnce() {
        let error = CorralError(ErrorCode(299, "of_a_test"), "no prices in \"x.csv\"")
        let said = lines([
            (0, .runStarted(run: run, name: "review", steps: ["load", "technical", "approve"])),
            (0, .stepQueued(load)), (3, .stepStarted(load, worker: "w")),
            (4, .stepProgress(load, fraction: 0.5, text: "half")),
            (
                9,
                .stepRetrying(load, error: error, delayNanoseconds: 2_000_000_000)
            ),
            (
                150,
                .stepFinished(
                    StepReference("load", attempt: 2),
                    StepEnd(
                        state: .succeeded, queuedNanoseconds: 3_200_000, runningNanoseconds: 120_400_000,
                        confidence: 0.9))
            ),
            (
                151,
                .stepFinished(
                    StepReference("technical"), StepEnd(state: .failed, runningNanoseconds: 900_000, error: error))
            ),
            (152, .stepSkipped(step: "approve", reason: "`when` is false")),
            (153, .log(level: 3, plugin: "acme/x", step: load, text: "odd\u{7}row")),
            (153, .log(level: 2, plugin: "acme/x", step: load, text: "not shown")),
        ])
        #expect(
            said == [
                "↻ load       attempt 1 failed (of_a_test), again in 2.00 s: no prices …",
                "✔ load       120 ms    confidence 0.90  queued 3.2 ms",
                "✖ technical  900 µs    no prices in \"x.csv\"",
                "↷ approve    skipped: `when` is false",
                "  warning load · acme/x  odd\\u{7}row",
            ])
    }

    @Test func drawsWhatIsUnderWay() {
        var board = ProgressBoard(width: 72, style: .plain)
        for body: RunEvent.Body in [
            .runStarted(run: run, name: "review", steps: ["load", "risk"]), .stepQueued(load),
            .stepQueued(StepReference("risk")), .stepStarted(load, worker: "w"),
            .stepProgress(load, fraction: 0.42, text: "reading\nrows"),
        ] { _ = board.apply(RunEvent(at: start, body)) }
        #expect(
            board.live(at: start + 1_250 * millisecond, frame: 0) == [
                "⠋ load      1.20 s 42 %  reading rows", "· risk      queued 1.20 s",
            ])
    }

    @Test func tellsTheItemsOfAStepAsOne() {
        var board = ProgressBoard(width: 72, style: .plain)
        var said = board.apply(RunEvent(at: start, .runStarted(run: run, name: "r", steps: ["each"])))
        for item in 0..<100 {
            let step = StepReference("each", item: item)
            said += board.apply(RunEvent(at: start, .stepStarted(step, worker: "w")))
            guard item < 98 else { continue }
            said += board.apply(RunEvent(at: start + 5 * millisecond, .stepFinished(step, StepEnd(state: .succeeded))))
        }
        #expect(said == [])
        #expect(board.live(at: start, frame: 1) == ["⠙ each      98 done, 2 under way"])
        let end = RunEnd(run: run, state: .succeeded, startedAt: start, finishedAt: start)
        #expect(board.apply(RunEvent(at: start, .runFinished(end))) == ["✔ each      5.0 ms    98 items"])
    }

    @Test func manyStepsUnderWayFitTheScreen() {
        var board = ProgressBoard(width: 72, style: .plain)
        for number in 0..<40 { _ = board.apply(RunEvent(at: start, .stepQueued(StepReference("s\(number)")))) }
        let live = board.live(at: start, frame: 0, max: 5)
        #expect(live.count == 5 && live.last == "  … and 36 more")
    }
}

@Suite struct ReportTests {
    private var detail: RunDetail {
        let error = CorralError(
            ErrorCode(323, "plugin_crashed"), "plugin \"acme/x\" crashed with SIGSEGV", hint: "see it")
        return RunDetail(
            summary: RunSummary(
                run: run, tenant: .standard, name: "market-review", state: .failed, startedAt: start,
                finishedAt: start + 512 * millisecond, stepsDone: 2, stepsTotal: 3, user: "ann",
                labels: ["b": "2", "a": "1"],
                error: error),
            mode: "sync", flowDigest: String(repeating: "ab", count: 32), isolationLevel: "process",
            steps: [
                StepDetail(
                    StepReference("load"), state: .succeeded, target: "corral/market-data", startedAt: start,
                    queuedNanoseconds: 3 * millisecond, runningNanoseconds: 120 * millisecond,
                    worker: "default·shared·1",
                    confidence: 1, isFromJournal: true),
                StepDetail(
                    StepReference("technical", attempt: 2), state: .failed, target: "acme/x", startedAt: start,
                    runningNanoseconds: 4 * millisecond, worker: "default·acme/x·2", error: error),
                StepDetail(StepReference("report"), state: .waiting, target: "corral/report-writer"),
            ],
            artifacts: [
                ArtifactDescription(
                    sha256: String(repeating: "c", count: 64), name: "report.html", mediaType: "text/html",
                    bytes: 150_000)
            ],
            output: [
                "rows": 12, "signals": [1, 2], "headline": ["close": 2506.850098, "direction": "down"],
                "page": ["$artifact": "cc", "name": "report.html"],
            ],
            mayHaveRun: [StepReference("technical")])
    }

    @Test func showsARunWithItsStepsErrorsAndOutput() {
        #expect(
            framed(RunReport.show(detail, terminal: plainTerminal)) == """
                |market-review r1hf7yat00000007 failed after 512 ms|
                |started  2023-11-14 22:13:20|
                |tenant   default|
                |user     ann|
                |labels   a=1, b=2|
                |mode     sync · isolation process|
                |flow     abababababab|
                ||
                |steps|
                |  STEP          STATE      AGENT                 QUEUED     RAN  WORKER            NOTE|
                |  load          succeeded  corral/market-data    3.0 ms  120 ms  default·shared·1  confidence 1.00,…|
                |  technical #2  failed     acme/x                  0 ms  4.0 ms  default·acme/x·2  plugin_crashed|
                |  report        waiting    corral/report-writer|
                |  technical #2 plugin "acme/x" crashed with SIGSEGV|
                ||
                |error: plugin "acme/x" crashed with SIGSEGV|
                |hint: see it|
                |code: CRL-0323 · corral explain CRL-0323|
                ||
                |may have run: technical was under way when its host or worker ended; its effects may have happened|
                ||
                |output|
                |  rows      12|
                |  signals   2 items|
                |  headline|
                |    close      2506.85|
                |    direction  down|
                |  page      report.html|
                ||
                |artifacts|
                |  NAME              SIZE  TYPE       SHA-256|
                |  report.html  146.5 KiB  text/html  cccccccccccc|

                """)
    }

    @Test func listsRunsInColumns() {
        let other = RunSummary(
            run: run, tenant: .standard, name: "nightly", state: .running, startedAt: start, stepsDone: 1,
            stepsTotal: 12)
        #expect(
            framed(RunReport.list([detail.summary, other], terminal: terminal(width: 110))) == """
                |RUN               FLOW           STATE    STEPS  STARTED                TOOK  ERROR|
                |r1hf7yat00000007  market-review  failed     2/3  2023-11-14 22:13:20  512 ms  plugin_crashed|
                |r1hf7yat00000007  nightly        running   1/12  2023-11-14 22:13:20       …|

                """)
    }

    @Test func listsWhatRunsStatedOnlyWhenOneDid() {
        var stated = detail.summary
        stated.confidence = 0.456
        stated.changes = ["position_change", "schema", "text"]
        let other = RunSummary(run: run, tenant: .standard, name: "nightly", state: .running, startedAt: start)
        let text = framed(RunReport.list([stated, other], terminal: terminal(width: 130)))
        #expect(text.contains("TOOK  CONF  CHANGES             ERROR|"), "\(text)")
        #expect(text.contains("512 ms  0.46  position_change +2  plugin_crashed|"), "\(text)")
    }

    @Test func runsAsJSONHaveStableNames() {
        let names = detail.json.objectValue?.keys ?? []
        #expect(
            names == [
                "run", "tenant", "flow", "state", "started_at", "finished_at", "steps_done", "steps_total", "user",
                "feature", "session", "task_type", "complexity", "labels", "confidence", "changes", "error", "mode",
                "principal", "flow_digest", "isolation_level", "steps", "output",
                "artifacts", "scores", "may_have_run", "spans", "spans_dropped",
            ])
        #expect(detail.json["error"]?["code"] == "CRL-0323")
        #expect(detail.json["output"]?["rows"] == 12)
    }

    @Test func listsPluginsAndWhyOthersCannotBeUsed() {
        let plugins = [
            PluginSummary(id: "acme/x", version: "1.0.0", kinds: ["agent"], summary: "Does x", path: "/p/x.so"),
            PluginSummary(
                id: nil, path: "/p/broken.so",
                error: CorralError(
                    ErrorCode(402, "plugin_not_elf"), "\"/p/broken.so\" is a text file", hint: "build it")),
        ]
        #expect(
            framed(PluginReport.list(plugins, terminal: plainTerminal)) == """
                |PLUGIN  VERSION  KIND   SUMMARY|
                |acme/x  1.0.0    agent  Does x|
                ||
                |/p/broken.so|
                |error: "/p/broken.so" is a text file|
                |hint: build it|
                |code: CRL-0402 · corral explain CRL-0402|

                """)
    }

    @Test func coloursNeverChangeTheText() {
        let coloured = Terminal(
            output: Style(isColoured: true), talk: .plain, width: 100, height: 24, isLive: false, zoneSeconds: 0)
        let bare = RunReport.show(detail, terminal: coloured).replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(bare == RunReport.show(detail, terminal: plainTerminal))
    }
}

@Suite struct QuantityTests {
    @Test(arguments: [
        (0, "0 ms"), (-5, "0 ms"), (850_400, "850 µs"), (999_600, "1.0 ms"), (12_345_678, "12.3 ms"),
        (99_960_000, "100 ms"), (512_000_000, "512 ms"), (999_600_000, "1.00 s"), (1_239_000_000, "1.24 s"),
        (59_996_000_000, "1m 00s"), (125_000_000_000, "2m 05s"), (3_720_000_000_000, "1h 02m"),
        (90_000_000_000_000, "1d 01h"), (Int64.max, "106751d 23h"),
    ]) func durationsAreShort(_ nanoseconds: Int64, _ text: String) {
        #expect(Quantity.duration(nanoseconds) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_575, "1.0 MiB"), (150_000, "146.5 KiB"),
        (Int64.max, "8388608.0 TiB"),
    ]) func sizesAreShort(_ bytes: Int64, _ text: String) {
        #expect(Quantity.bytes(bytes) == text)
    }

    @Test(arguments: [
        (Int64(0), 0, "1970-01-01 00:00:00"), (-1, 0, "1969-12-31 23:59:59"), (start, 3600, "2023-11-14 23:13:20"),
        (951_782_400_000_000_000, 0, "2000-02-29 00:00:00"), (Int64.max, 0, "2262-04-11 23:47:16"),
        (Int64.min, 0, "1677-09-21 00:12:43"),
    ]) func timesAreCalendarTimes(_ nanoseconds: Int64, _ zone: Int, _ text: String) {
        #expect(Quantity.time(nanoseconds, zoneSeconds: zone) == text)
    }

    @Test func textIsCutByColumnsNotCharacters() {
        #expect("日本語の名前".fitted(to: 7) == "日本語…")
        #expect("日本".columns == 4 && "e\u{301}".columns == 1)
        #expect("abc".fitted(to: 3) == "abc" && "abcd".fitted(to: 3) == "ab…" && "abcd".fitted(to: 0) == "")
    }

    @Test func controlCharactersBecomeVisible() {
        #expect(printable("a\u{1B}[31m\u{202E}b\nc\u{0}") == "a\\u{1b}[31m\\u{202e}b c\\u{0}")
    }
}

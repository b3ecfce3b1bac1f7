// SPDX-License-Identifier: Apache-2.0
// ProgramTests: the built `corral` as a person or a script meets it: words, streams and statuses.

import CorralBase
import CorralControl
import CorralControlServer
import Foundation
import Synchronization
import Testing

@testable import CorralCommand

private let sampleFlow = """
    flow: sample
    input:
      prices: {type: file, default: data/prices.csv}
      symbol: {type: string}
      days: {type: int, default: 30}
    steps:
      load: {agent: acme/load, with: {prices: "${input.prices}", symbol: "${input.symbol}", days: "${input.days}"}}
    output: "${load}"
    """

@Suite struct MistakeTests {
    @Test(arguments: [
        (["rnu", "x"], "there is no command \"corral rnu\"", "did you mean \"corral run\"?", 2),
        (["runs", "shwo", "x"], "there is no command \"corral runs shwo\"", "did you mean \"corral runs show\"?", 2),
        (["run", "x", "--tenat", "y"], "unknown option '--tenat'", "did you mean '--tenant'?", 2),
        (["run"], "missing expected argument '<target>'", "`corral run --help` shows how", 2),
        (["run", "sampel"], "there is no flow or agent \"sampel\"", "did you mean \"sample\"?", 3),
        (
            ["run", "sample", "--input", "simbol=A"], "flow \"sample\" has no input \"simbol\"",
            "did you mean \"symbol\"?", 2
        ),
        (["run", "sample"], "flow \"sample\" needs the input \"symbol\"", "add --input symbol=VALUE", 2),
        (["run", "sample", "--input", "symbol"], "input \"symbol\" is not of the form name=value", "write --input", 2),
        (["run", "sample", "--mode", "snyc"], "there is no mode \"snyc\"", "did you mean \"sync\"?", 2),
        (["run", "x/y", "--tenant", "No!"], "tenant \"No!\" is not allowed", "", 2),
        (["runs", "list", "--state", "faild"], "there is no state \"faild\"", "did you mean \"failed\"?", 2),
        (
            ["explain", "file_unreadible"], "there is no error \"file_unreadible\"",
            "did you mean \"file_unreadable\"?", 3
        ),
        (["flow", "check", "sampel"], "there is no flow or agent \"sampel\"", "did you mean \"sample\"?", 3),
        (["host", "status"], "no host is running", "start one with `corral serve`", 3),
        (["run", "sample", "-i", "symbol=A", "-i", "prices=."], "cannot read the file \".\"", "check the path", 1),
    ]) func namesWhatIsWrongAndTheNearest(_ arguments: [String], _ error: String, _ hint: String, _ status: Int32)
        async throws
    {
        let home = try TestHome()
        try home.write(
            "flows/sample/flow.yaml",
            arguments.contains("snyc")
                ? sampleFlow.replacing("{type: string}", with: "{type: string, default: A}") : sampleFlow)
        try home.write("flows/sample/data/prices.csv", "Date,Close\n")
        let finished = try await run(arguments, home)
        #expect(finished.talk.contains("error: " + error), "\(finished)")
        #expect(finished.talk.contains("hint: " + hint) || hint.isEmpty, "\(finished)")
        #expect(finished.talk.contains("code: CRL-"))
        #expect(finished.status == status && finished.output == "")
    }

    @Test func aPipeAsInputIsRefusedInsteadOfWaitedFor() async throws {
        let home = try TestHome()
        try home.write("flows/sample/flow.yaml", sampleFlow)
        mkfifo(home.path + "/pipe", 0o600)
        let finished = try await run(["run", "sample", "-i", "symbol=A", "-i", "prices=pipe"], home)
        #expect(finished.talk.contains("not a regular file"))
        #expect(finished.status == 1)
    }

    @Test func withJSONTheErrorIsOnStdoutToo() async throws {
        let home = try TestHome()
        let finished = try await run(["host", "status", "--json"], home)
        let error = try #require(try JSON(parsing: finished.output)["error"])
        #expect(error["code"] == "CRL-0828" && error["name"] == "host_not_running")
        #expect(finished.talk.hasPrefix("error: no host is running"))
    }

    private func run(_ arguments: [String], _ home: TestHome) async throws -> Finished {
        try await runProgram(arguments, home)
    }
}

@Suite struct AloneTests {
    @Test(arguments: ["CRL-0824", "824", "0824", "crl-824", "file_unreadable", "FILE_UNREADABLE"])
    func explainFindsAPageByEachOfItsNames(_ code: String) async throws {
        let finished = try await runProgram(["explain", code], try TestHome())
        #expect(finished.output.hasPrefix("# CRL-0824 file_unreadable\n"))
        #expect(finished.status == 0 && finished.talk == "")
    }

    @Test func explainListsAllPages() async throws {
        let finished = try await runProgram(["explain", "--json"], try TestHome())
        let pages = try #require(try JSON(parsing: finished.output).arrayValue)
        #expect(pages.contains(["code": "CRL-0824", "name": "file_unreadable"]))
    }

    @Test func flowCheckReportsEveryMistakeAtOnce() async throws {
        let home = try TestHome()
        let path = try home.write(
            "bad.yaml", "flow: bad\nsteps:\n  a: {agent: x/y, aftr: b}\n  b: {agent: x/y, after: c}\n")
        let finished = try await runProgram(["flow", "check", "bad.yaml"], home)
        #expect(finished.status == 1)
        #expect(
            finished.output.contains("bad.yaml:3:19: error:") && finished.output.contains("did you mean \"after\"?"))
        #expect(finished.output.contains("bad.yaml:4:"))
        #expect(finished.talk.contains("no host is running"))
        _ = path
    }

    @Test func flowGraphPrintsMermaid() async throws {
        let home = try TestHome()
        try home.write("flows/sample.yaml", sampleFlow)
        let finished = try await runProgram(["flow", "graph", "sample"], home)
        #expect(finished.output.hasPrefix("flowchart TD\n") && finished.status == 0)
    }

    @Test func helpOpensWithExamplesOnStdout() async throws {
        let home = try TestHome()
        for verbs in [
            ["run"], ["runs", "show"], ["plugin", "list"], ["flow", "check"], ["config", "check"], ["doctor"],
        ] {
            let finished = try await runProgram(verbs + ["--help"], home)
            let examples = try #require(
                finished.output.range(of: "Examples:\n  corral \(verbs.joined(separator: " "))"))
            let usage = try #require(finished.output.range(of: "USAGE:"))
            #expect(examples.lowerBound < usage.lowerBound && finished.status == 0 && finished.talk == "")
        }
    }

    @Test func doctorSaysWhichHomeAndWhy() async throws {
        let home = try TestHome()
        let finished = try await runProgram(["doctor", "--json"], home)
        let topics = try #require(try JSON(parsing: finished.output).arrayValue)
        let found = topics.first { $0["topic"] == "home" }?["detail"]?.stringValue ?? ""
        #expect(found == "\(home.path) (CORRAL_HOME is set)")
        #expect(topics.first { $0["topic"] == "host" }?["detail"]?.stringValue?.hasPrefix("none is running") == true)
    }

    @Test func configShowPrintsABareValue() async throws {
        let finished = try await runProgram(["config", "show", "host.defaults.timeout"], try TestHome())
        #expect(finished.output == "5m\n" && finished.status == 0)
    }
}

@Suite struct ClientTests {
    private func sampleHome() throws -> TestHome {
        let home = try TestHome()
        try home.write("flows/sample/flow.yaml", sampleFlow)
        try home.write("flows/sample/data/prices.csv", "Date,Close\n")
        return home
    }

    private func end(_ state: RunState, output: JSON? = nil, artifacts: [ArtifactDescription] = []) -> RunEnd {
        RunEnd(
            run: run, state: state, startedAt: start, finishedAt: start + 512 * millisecond, output: output,
            artifacts: artifacts)
    }

    @Test func runSendsTextsFilesAndNamesAndPrintsTheOutcome() async throws {
        let home = try sampleHome()
        let seen = Mutex<StartRunRequest?>(nil)
        let page = ArtifactDescription(
            sha256: String(repeating: "a", count: 64), name: "../report.html", mediaType: "text/html", bytes: 6)
        let ended = end(.succeeded, output: ["rows": 3], artifacts: [page])
        try await ScriptedHandler.serving(home) { request, descriptors, events in
            if case .artifactOpen = request { return .artifact(page, descriptor: try temporaryFile("<html>")) }
            guard case .startRun(let request) = request else { throw CorralError.internalFault(request.verb) }
            seen.withLock { $0 = request }
            #expect(descriptors.map(contents) == ["Date,Close\n"])
            events.send(RunEvent(at: start, .runStarted(run: run, name: "sample", steps: ["load"])))
            let took = StepEnd(state: .succeeded, runningNanoseconds: 120 * millisecond)
            events.send(RunEvent(at: start, .stepFinished(StepReference("load"), took)))
            return .runFinished(ended)
        } _: {
            let arguments = [
                "run", "sample", "-i", "symbol=007", "--user", "ann", "--feature", "f", "--label", "k=v", "--tenant",
                "acme",
            ]
            let finished = try await runProgram(arguments, home)
            let path = home.path + "/out/\(run)/report.html"
            #expect(finished.status == 0)
            #expect(finished.output == "rows  3\nreport  \(path)  6 B\n")
            #expect(
                finished.talk == """
                    ✔ load      120 ms
                    ✔ run \(run) succeeded after 512 ms
                    next: corral runs show \(run) --tenant acme --trace

                    """)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "<html>")
        }
        let request = try #require(seen.withLock { $0 })
        #expect(request.target == .flow(file: home.path + "/flows/sample/flow.yaml", text: sampleFlow))
        #expect(
            request.inputs == [
                "symbol": .value(JSONText("007")),
                "prices": .file(descriptor: 0, name: "prices.csv", mediaType: "text/csv"),
            ])
        #expect(request.tenant.text == "acme" && request.user == "ann" && request.feature == "f")
        #expect(request.labels == ["k": "v"] && request.follows)
    }

    @Test func runWithJSONPrintsOneDocumentAndNoProgress() async throws {
        let home = try sampleHome()
        let ended = end(.succeeded, output: ["b": 1, "a": 2.0])
        try await ScriptedHandler.serving(home) { _, _, _ in
            .runFinished(ended)
        } _: {
            let finished = try await runProgram(["run", "acme/greeter", "-i", "name=Ada", "--json"], home)
            let document = try JSON(parsing: finished.output)
            #expect(document["state"] == "succeeded" && document["output"]?.text() == #"{"b":1,"a":2.0}"#)
            #expect(finished.talk == "" && finished.status == 0)
        }
    }

    @Test func aFailedRunSaysWhyAndEndsWithOne() async throws {
        let home = try sampleHome()
        var ended = end(.failed)
        ended.error = CorralError(ErrorCode(323, "plugin_crashed"), "plugin \"acme/x\" crashed with SIGSEGV")
        ended.failedStep = "load"
        try await ScriptedHandler.serving(home) { [ended] _, _, _ in
            .runFinished(ended)
        } _: {
            let finished = try await runProgram(["run", "acme/x"], home)
            #expect(finished.status == 1 && finished.output == "")
            #expect(finished.talk.contains("✖ run \(run) failed at step \"load\" after 512 ms"))
            #expect(finished.talk.contains("error: plugin \"acme/x\" crashed with SIGSEGV"))
        }
    }

    @Test func neverOverwritesAFileOfAnEarlierRun() async throws {
        let home = try sampleHome()
        try home.write("here/notes.md", "mine")
        let file = ArtifactDescription(
            sha256: String(repeating: "a", count: 64), name: "notes.md", mediaType: "text/markdown", bytes: 3)
        let ended = end(.succeeded, artifacts: [file, file])
        try await ScriptedHandler.serving(home) { request, _, _ in
            if case .artifactOpen = request { return .artifact(file, descriptor: try temporaryFile("new")) }
            return .runFinished(ended)
        } _: {
            let finished = try await runProgram(["run", "acme/x", "--output", "here"], home)
            #expect(finished.output == "file  here/notes-2.md  3 B\nfile  here/notes-3.md  3 B\n")
            #expect(try String(contentsOfFile: home.path + "/here/notes.md", encoding: .utf8) == "mine")
            #expect(try String(contentsOfFile: home.path + "/here/notes-3.md", encoding: .utf8) == "new")
        }
    }

    @Test func errorsOfTheHostHaveTheirStatus() async throws {
        let home = try sampleHome()
        let cases: [(ErrorCode, Int32)] = [
            (ErrorCode(610, "run_unknown"), 3), (ErrorCode(701, "grant_missing"), 4), (ErrorCode(600, "store_io"), 1),
            (ErrorCode(722, "mode_unknown"), 2),
        ]
        for (code, status) in cases {
            try await ScriptedHandler.serving(home) { _, _, _ in
                throw CorralError(code, "no \"x\"")
            } _: {
                let finished = try await runProgram(["runs", "show", "x"], home)
                #expect(finished.status == status, "\(code.name)")
            }
        }
    }

    @Test func aHostThatGoesAwayLeavesTheWayToResume() async throws {
        let home = try sampleHome()
        let sampleRun = run
        let (process, output, talk) = prepared(["run", "acme/x", "--tenant", "acme"], home)
        var server: ControlServer? = try ControlServer(
            path: home.path + "/control.sock",
            handler: ScriptedHandler { _, _, events in
                events.send(RunEvent(at: start, .runStarted(run: sampleRun, name: "x", steps: ["x"])))
                events.send(RunEvent(at: start, .stepSkipped(step: "ready", reason: "")))
                try await Task.sleep(for: .seconds(600))
                return .done("")
            }, patience: ControlPatience(stopping: .milliseconds(1)))
        try process.run()
        _ = try await onThread { try talk.fileHandleForReading.read(upToCount: 1) }
        server?.stop()
        server = nil
        let said = try await onThread {
            let rest = try talk.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: rest, as: UTF8.self)
        }
        #expect(process.terminationStatus == 1)
        #expect(said.contains("error: the host went away before it answered"))
        #expect(said.contains("hint: continue the run with `corral runs resume \(run) --tenant acme`"))
        _ = output
    }

    @Test func ctrlCTwiceLeavesAtOnce() async throws {
        let home = try sampleHome()
        let sampleRun = run
        let (process, output, talk) = prepared(["run", "acme/x"], home)
        try await ScriptedHandler.serving(home) { request, _, events in
            if case .runCancel = request { return .done("cancelling") }
            events.send(RunEvent(at: start, .runStarted(run: sampleRun, name: "x", steps: ["x"])))
            events.send(RunEvent(at: start, .stepSkipped(step: "ready", reason: "")))
            try await Task.sleep(for: .seconds(600))
            return .done("")
        } _: {
            try process.run()
            _ = try await onThread { try talk.fileHandleForReading.read(upToCount: 1) }
            // Presses come until one is far enough from the first to be a second one.
            let deadline = ContinuousClock.now + .seconds(60)
            while process.isRunning, ContinuousClock.now < deadline {
                process.interrupt()
                try await Task.sleep(for: .milliseconds(50))
            }
            let said = try await onThread { try talk.fileHandleForReading.readToEnd() ?? Data() }
            #expect(process.terminationStatus == 130)
            #expect(
                String(decoding: said, as: UTF8.self).contains("left; see how it ends with `corral runs show \(run)`"))
        }
        _ = output
    }

    @Test func ctrlCCancelsTheRunAndWaitsForItsEnd() async throws {
        let home = try sampleHome()
        let cancelled = AsyncStream.makeStream(of: String.self)
        let ended = end(.cancelled)
        let (process, output, talk) = prepared(["run", "acme/x"], home)
        try await ScriptedHandler.serving(home) { request, _, events in
            if case .runCancel(let request) = request {
                cancelled.continuation.yield(request.reason)
                return .done("cancelling")
            }
            events.send(RunEvent(at: start, .runStarted(run: run, name: "x", steps: ["x"])))
            events.send(RunEvent(at: start, .stepSkipped(step: "ready", reason: "")))
            for await _ in cancelled.stream { break }
            return .runFinished(ended)
        } _: {
            try process.run()
            // The line about the skipped step says that the command follows the run.
            _ = try await onThread { try talk.fileHandleForReading.read(upToCount: 1) }
            process.interrupt()
            let said = try await onThread {
                let rest = try talk.fileHandleForReading.readToEnd() ?? Data()
                process.waitUntilExit()
                return String(decoding: rest, as: UTF8.self)
            }
            #expect(process.terminationStatus == 130)
            #expect(said.contains("cancelling run \(run); Ctrl-C again leaves at once"))
            #expect(said.contains("run \(run) cancelled after 512 ms"))
        }
        _ = output
    }

    @Test func listsPrintTablesOrJSON() async throws {
        let home = try sampleHome()
        let summary = RunSummary(
            run: run, tenant: .standard, name: "sample", state: .succeeded, startedAt: start,
            finishedAt: start + millisecond, stepsDone: 1, stepsTotal: 1)
        try await ScriptedHandler.serving(home) { request, _, _ in
            switch request {
            case .runsList(let request): .runs(request.state == .failed ? [] : [summary])
            case .pluginList: .plugins([PluginSummary(id: "a/b", version: "1", kinds: ["agent"], path: "/p/b.so")])
            case .hostStatus:
                .status(
                    HostStatus(
                        version: "9.9", pid: 7, startedAt: start, uptimeNanoseconds: 60_000_000_000, home: "/h",
                        isEphemeral: true, isolationLevel: "process"))
            default: .done("ending")
            }
        } _: {
            let table = try await runProgram(["runs", "list"], home)
            #expect(table.output.contains("\(run)  sample  succeeded    1/1  2023-11-14 22:13:20  1.0 ms"))
            let document = try JSON(parsing: try await runProgram(["runs", "list", "--json"], home).output)
            #expect(document.arrayValue?.first?["run"] == .string(run.text))
            let none = try await runProgram(["runs", "list", "--state", "failed"], home)
            #expect(none.output == "" && none.talk.contains("no runs") && none.status == 0)
            #expect(try await runProgram(["plugin", "list"], home).output.contains("a/b     1        agent"))
            #expect(try await runProgram(["host", "status"], home).output.hasPrefix("host 9.9 pid 7, up 1m 00s\n"))
            #expect(try await runProgram(["doctor"], home).output.contains("version 9.9, pid 7"))
            #expect(try await runProgram(["host", "stop"], home).talk == "ending\n")
        }
    }
}

func runProgram(_ arguments: [String], _ home: TestHome) async throws -> Finished {
    let (process, output, talk) = prepared(arguments, home)
    return try await onThread {
        try process.run()
        let said = Collected(talk)
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Finished(
            status: process.terminationStatus, output: String(decoding: data, as: UTF8.self), talk: said.text())
    }
}

/// Runs what blocks on a thread of its own: on the pool it could keep a scripted host from answering.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: body)) }.start()
    }
}

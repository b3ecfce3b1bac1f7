// SPDX-License-Identifier: Apache-2.0
// RunEnding: the last words of `run` and `runs resume`: what came out, where the files are, and what to type next.

import CorralBase
import CorralControl
import CorralHome

struct RunEnding {
    let client: ControlClient
    let home: Home
    let tenant: TenantID
    let terminal: Terminal
    /// The value of `--output`.
    let folder: String?
    let isJSON: Bool

    /// - Throws: `Ended` with the status of a run that did not succeed; what saving files fails with.
    func report(_ outcome: RunFollower.Outcome) throws {
        switch outcome {
        case .started(let run):
            if isJSON { terminal.print(["run": .string(run.text)]) } else { terminal.print(run.text) }
            sayNext(run, hasTrace: false)
        case .left(let run):
            terminal.say("left; " + (run.map { "see how it ends with `\(command($0))`" } ?? "the run may have started"))
            throw Ended(status: .interrupted)
        case .ended(let end, let isInterrupted):
            try report(end)
            if end.state != .succeeded {
                throw Ended(status: isInterrupted ? .interrupted : ExitStatus(ofRun: end.error))
            }
        }
    }

    private func report(_ end: RunEnd) throws {
        let paths = end.state == .succeeded ? try saver(end.run).save(end.artifacts) : []
        guard !isJSON else { return terminal.print(end.json(paths: paths)) }
        sayOutcome(end)
        if let output = end.output?.value { terminal.print(Headline.text(output, width: terminal.width)) }
        // The report a person came for is the last thing said.
        let files = zip(end.artifacts, paths).sorted { !isPage($0.0) && isPage($1.0) }
        for (artifact, path) in files {
            terminal.print("\(isPage(artifact) ? "report" : "file")  \(path)  \(Quantity.bytes(artifact.bytes))")
        }
        sayNext(end.run, hasTrace: true)
    }

    private func isPage(_ artifact: ArtifactDescription) -> Bool { artifact.mediaType.hasPrefix("text/html") }

    private func sayOutcome(_ end: RunEnd) {
        let took = Quantity.duration(end.finishedAt.subtractingClamped(end.startedAt))
        let style = terminal.talk
        let state = style.state(end.state.rawValue, end.state.rawValue)
        let step = end.failedStep.map { " at step \"\(printable($0))\"" } ?? ""
        terminal.say("\(mark(end.state)) run \(end.run) \(state)\(step) after \(took)")
        if let error = end.error { terminal.say(style.error(error)) }
    }

    private func mark(_ state: RunState) -> String {
        switch state {
        case .succeeded: terminal.talk.good("✔")
        case .failed: terminal.talk.bad("✖")
        default: terminal.talk.warn("■")
        }
    }

    private func sayNext(_ run: RunID, hasTrace: Bool) {
        guard !isJSON else { return }
        terminal.say(terminal.talk.faint("next: \(command(run))\(hasTrace ? " --trace" : "")"))
    }

    private func command(_ run: RunID) -> String {
        "corral runs show \(run)" + (tenant == .standard ? "" : " --tenant \(tenant)")
    }

    /// `--output`, else `out/RUN` in the project; a home outside any project leaves files where the person is.
    private func saver(_ run: RunID) -> ArtifactSaver {
        let project = home.project == home.path ? Path.workingDirectory : home.project
        return ArtifactSaver(client: client, tenant: tenant, folder: folder ?? Path.join(project, "out/\(run)"))
    }
}

// SPDX-License-Identifier: Apache-2.0
// PromptTests: prompts are changed, approved, labelled and rolled back through the command line, and a plugin in a worker
// gets what counts.

import Foundation
import Testing

@Suite(.serialized)
struct PromptTests {
    private let greet = "test/prompter.greet"

    private func project() throws -> Corral {
        let corral = try Corral()
        try corral.install("prompter")
        return corral
    }

    /// What the plugin got.
    private func rendered(
        _ corral: Corral, _ variables: String = #"{"name":"Ada","mood":"calm"}"#, _ arguments: String...
    ) throws -> [String: Any] {
        let output = try corral.run(
            ["run", "test/prompter", "--input", "variables=\(variables)", "--json"] + arguments)
        let run = try output.json()
        return try #require(run["output"] as? [String: Any], "\(output)")
    }

    private func show(_ corral: Corral, _ arguments: String...) throws -> [String: Any] {
        try corral.run(["prompt", "show", greet, "--json"] + arguments).json()
    }

    @Test func thePluginsOwnTextCountsUntilAVersionIsApproved() throws {
        let corral = try project()
        let own = try rendered(corral)
        #expect(own["text"] as? String == "Say hello to Ada.\nBe calm.", "\(own)")
        #expect(own["version"] as? Int == 0 && own["label"] == nil)
        let proposed = try corral(
            "prompt", "set", greet, "--text", "Hail {{name}}! ({{ mood }}, \\{{raw}})", "--note", "older style")
        #expect(proposed.status == 0, "\(proposed)")
        #expect(proposed.standardError.contains("corral prompt approve \(greet) 1"), "\(proposed)")
        // Proposed is not in effect.
        #expect(try rendered(corral)["version"] as? Int == 0)
        #expect(try corral("prompt", "approve", greet, "1").status == 0)
        let now = try rendered(corral)
        #expect(now["text"] as? String == "Hail Ada! (calm, {{raw}})", "\(now)")
        #expect(now["version"] as? Int == 1 && now["label"] as? String == "production")
        let detail = try show(corral)
        #expect(detail["note"] as? String == "older style" && detail["version"] as? Int == 1, "\(detail)")
        #expect(try corral("prompt", "approve", greet, "1").standardError.contains("CRL-0976"))
        // Another tenant has its own.
        try #require(try corral("tenant", "add", "acme").status == 0)
        #expect(try rendered(corral, #"{"name":"Ada","mood":"calm"}"#, "--tenant", "acme")["version"] as? Int == 0)
        let audit = try corral("audit", "--action", "prompt", "--json").standardOutput
        #expect(audit.contains(greet) && audit.contains("prompt.decide") && !audit.contains("Hail"), "\(audit)")
        // Texts and notes are content: they lie sealed.
        corral.stop()
        let open = try Corral.execute("/bin/grep", ["-rlaE", "Hail|older style", corral.home.path()])
        #expect(open.status == 1 && open.standardOutput == "", "\(open)")
    }

    @Test func theVersionIsOnTheSpansAndInTheRun() throws {
        let corral = try project()
        try #require(
            try corral("prompt", "set", greet, "--text", "Hi {{name}}", "--approve", "--label", "production").status
                == 0)
        _ = try rendered(corral)
        let run = try corral("runs", "show", "last", "--trace", "--json").json()
        let spans = try #require(run["spans"] as? [[String: Any]])
        func attributes(_ kind: String) -> [String: Any] {
            spans.first { $0["kind"] as? String == kind }?["attributes"] as? [String: Any] ?? [:]
        }
        #expect(attributes("prompt")["corral.prompt.version"] as? Int == 1, "\(spans)")
        #expect(attributes("prompt")["corral.prompt"] as? String == "greet")
        #expect(attributes("prompt")["corral.prompt.label"] as? String == "production")
        #expect(attributes("agent")["corral.prompts"] as? [String] == ["greet@1"], "\(spans)")
        let steps = try #require(run["steps"] as? [[String: Any]])
        #expect(steps.first?["prompts"] as? [String] == ["\(greet)@1"], "\(steps)")
        // The text is content: it is in no span.
        #expect(!spans.description.contains("Hi Ada") && !spans.description.contains("Hi {{"))
    }

    @Test func labelsAndRollingBack() throws {
        let corral = try project()
        for text in ["one {{name}}", "two {{name}}", "three {{name}}"] {
            try #require(try corral("prompt", "set", greet, "--text", text).status == 0)
        }
        #expect(try corral("prompt", "label", greet, "production", "2").status == 4)
        #expect(try corral("prompt", "rollback", greet).standardError.contains("CRL-0978"))
        try #require(try corral("prompt", "approve", greet, "1").status == 0)
        try #require(try corral("prompt", "approve", greet, "2").status == 0)
        try #require(try corral("prompt", "approve", greet, "3", "--label", "staging").status == 0)
        #expect(try rendered(corral)["text"] as? String == "two Ada")
        try #require(try corral("prompt", "rollback", greet).status == 0)
        #expect(try rendered(corral)["text"] as? String == "one Ada")
        try #require(try corral("prompt", "rollback", greet, "--to", "0").status == 0)
        #expect(try rendered(corral)["version"] as? Int == 0)
        // A tenant that tries things out gets the staging version, without a restart.
        try #require(try corral("tenant", "set", "default", "prompts.label=staging").status == 0)
        let staged = try rendered(corral)
        #expect(staged["text"] as? String == "three Ada" && staged["label"] as? String == "staging", "\(staged)")
        try #require(try corral("prompt", "label", greet, "staging", "--remove").status == 0)
        #expect(try rendered(corral)["version"] as? Int == 0)
        let list = try corral("prompt", "list").standardOutput
        #expect(list.contains(greet) && list.contains("production → 0"), "\(list)")
        let moves = try #require(try show(corral)["moves"] as? [[String: Any]])
        #expect(moves.count == 6, "\(moves)")
        #expect(try corral("prompt", "label", greet, "Production!", "1").status == 2)
        #expect(try corral("prompt", "label", greet, "staging", "9").status == 3)
    }

    @Test func differencesAreShownLineByLine() throws {
        let corral = try project()
        try #require(
            try corral("prompt", "set", greet, "--text", "Say hello to {{name}}.\nBe kind and {{mood}}.").status == 0)
        let diff = try corral("prompt", "diff", greet)
        #expect(
            diff.standardOutput == """
                --- version 0
                +++ version 1
                  Say hello to {{name}}.
                - Be {{mood}}.
                + Be kind and {{mood}}.

                """, "\(diff)")
        #expect(try corral("prompt", "diff", greet, "1", "1", "--json").json()["same"] as? Bool == true)
    }

    @Test func mistakesAreNamed() throws {
        let corral = try project()
        let typo = try corral("prompt", "set", greet, "--text", "Hello {{nam}}")
        #expect(typo.status == 2 && typo.standardError.contains("did you mean \"name\"?"), "\(typo)")
        #expect(try corral("prompt", "set", greet, "--text", "Hello {{name").status == 2)
        #expect(try corral("prompt", "set", greet, "--text", "  ").status == 2)
        let long = try corral.write("long.txt", String(repeating: "x", count: 200_000))
        #expect(try corral("prompt", "set", greet, "--file", long).standardError.contains("it has 200000 bytes"))
        #expect(try corral("prompt", "set", greet).status == 2)
        let unknown = try corral("prompt", "show", "test/prompter.gret")
        #expect(unknown.status == 3 && unknown.standardError.contains("did you mean \"\(greet)\"?"), "\(unknown)")
        #expect(try corral("prompt", "show", greet, "--version", "4").status == 3)
        #expect(try corral("prompt", "list", "--plugin", "test/none").status == 3)
        // What the plugin gives must be what it declares, whichever version counts.
        let missing = try corral("run", "test/prompter", "--input", #"variables={"name":"Ada","age":3}"#)
        #expect(missing.standardError.contains("not given: mood; not declared: age"), "\(missing)")
        let undeclared = try corral("run", "test/prompter", "--input", "prompt=great")
        #expect(undeclared.standardError.contains("declares no prompt"), "\(undeclared)")
        let mistaken = try corral("run", "test/prompter", "--input", "prompt=mistaken")
        #expect(mistaken.standardError.contains("which the plugin does not give"), "\(mistaken)")
    }

    @Test func feedbackChangesNothingUnlessBothSettingsAllowIt() throws {
        let corral = try project()
        let (review, loops) = (
            "human_review:\n  feedback_integration:\n    update_agent_prompts: true\n",
            "feedback_loops:\n  success_analysis:\n    update_agent_prompts: true\n"
        )
        for (number, configuration) in ["", review, loops].enumerated() {
            _ = try corral.write("corral.yaml", configuration)
            corral.stop()
            try #require(
                try corral("prompt", "set", greet, "--text", "\(number) {{name}}", "--source", "review").status == 0)
            #expect(try rendered(corral)["version"] as? Int == 0, "\(configuration)")
        }
        _ = try corral.write("corral.yaml", review + loops)
        corral.stop()
        // A person's own change waits all the same.
        try #require(try corral("prompt", "set", greet, "--text", "mine {{name}}").status == 0)
        #expect(try rendered(corral)["version"] as? Int == 0)
        let learned = try corral("prompt", "set", greet, "--text", "learned {{name}}", "--source", "analysis")
        #expect(learned.standardError.contains("version 5 of \(greet) is approved"), "\(learned)")
        #expect(try rendered(corral)["text"] as? String == "learned Ada")
        let versions = try #require(try show(corral)["versions"] as? [[String: Any]])
        #expect(versions.last?["decided_by"] as? String == "host", "\(versions)")
        let audit = try corral("audit", "--action", "prompt.decide", "--json").standardOutput
        #expect(audit.contains("both update_agent_prompts allow it"), "\(audit)")
        let rows = try corral("config", "check").standardOutput
        #expect(rows.contains("success_analysis.update_agent_prompts"), "\(rows)")
        try #require(try corral("prompt", "rollback", greet).status == 0)
        #expect(try rendered(corral)["version"] as? Int == 0)
        try #require(try corral("prompt", "reject", greet, "4").status == 0)
        #expect(try corral("prompt", "label", greet, "production", "4").status == 4)
    }

    @Test func anAttemptGoesOnWithTheTextItBeganWithAndTheResumeSaysSo() throws {
        let corral = try project()
        try #require(try corral("prompt", "set", greet, "--text", "first {{name}}", "--approve").status == 0)
        let flow = try corral.write(
            "two.yaml",
            """
            flow: two
            steps:
              slow:
                agent: test/prompter
                with: {variables: {name: Ada, mood: calm}, ms: 1500}
              later:
                agent: test/prompter
                after: slow
                with: {variables: {name: Bob, mood: calm}}
            output: {slow: "${slow.text}", later: "${later.text}"}
            """)
        let started = try corral("run", flow, "--detach")
        try #require(started.status == 0, "\(started)")
        try eventually("the prompt is journaled") {
            let steps = try corral("runs", "show", "last", "--json").json()["steps"] as? [[String: Any]]
            return steps?.contains { ($0["prompts"] as? [String])?.isEmpty == false } == true
        }
        let host = try #require(corral.hostProcess)
        kill(host, SIGKILL)
        try eventually("the host is gone") { !Processes.isAlive(host) }
        try #require(try corral("prompt", "set", greet, "--text", "second {{name}}", "--approve").status == 0)
        let resumed = try corral("runs", "resume", "last")
        #expect(resumed.status == 0, "\(resumed)")
        let output = try corral("runs", "show", "last", "--json").json()["output"] as? [String: String]
        #expect(output == ["slow": "first Ada", "later": "second Bob"], "\(resumed)")
        #expect(
            resumed.standardError.contains(
                "the prompt \(greet) was version 1 in step \"slow\"; what begins from now on reads version 2"),
            "\(resumed)")
    }
}

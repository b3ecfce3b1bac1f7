// SPDX-License-Identifier: Apache-2.0
// TemplateTests: an author's day: a plugin made from the SDK's template outside the repository, with the network cut,
// is dropped into plugins.d and runs; a new version replaces it under a running host.

import Foundation
import Testing

@Suite(.serialized)
struct TemplateTests {
    static let canCutTheNetwork = ["-n", "-rn"].contains {
        (try? Corral.execute("/usr/bin/env", ["unshare", $0, "true"]))?.status == 0
    }
    /// Kept beside the products, so that a second run of the tests builds nothing again.
    static let built: Result<URL, any Error> = Result {
        let folder = Corral.products.appending(path: "outside")
        let script = Corral.repository.appending(path: "Tests/PluginSDKTests/build-outside.sh").path()
        let sdk = Corral.repository.appending(path: "PluginSDK").resolvingSymlinksInPath().path()
        let output = try Corral.execute("/usr/bin/env", ["sh", script, sdk, folder.path()])
        guard output.status == 0 else {
            throw Corral.BuildFailure(text: output.standardOutput + output.standardError)
        }
        return folder
    }

    @Test(.enabled(if: canCutTheNetwork, "needs unshare -n"))
    func runsWhatWasBuiltElsewhere() throws {
        let folder = try Self.built.get()
        let corral = try Corral()
        for (file, name) in [("libgreeter.so", "greeter.so"), ("echo.so", "acme-echo.so")] {
            try FileManager.default.copyItem(
                at: folder.appending(path: file), to: corral.pluginFolder.appending(path: name))
        }
        let greeted = try corral("run", "acme/greeter", "--input", "name=Ada", "--json")
        #expect(greeted.status == 0, "\(greeted)")
        #expect((try greeted.json()["output"] as? [String: Any])?["text"] as? String == "Hello, Ada!")
        let refused = try corral("run", "acme/greeter", "--input", "name=", "--json")
        #expect(
            refused.status == 1 && refused.standardOutput.contains("nobody to greet: the name is empty"), "\(refused)")
        let echoed = try corral("run", "acme/echo", "--input", "n=1", "--json")
        #expect(echoed.status == 0, "\(echoed)")
    }

    @Test func takesANewVersionWhileTheHostRuns() throws {
        let corral = try Corral()
        let template = corral.project.appending(path: "author")
        try FileManager.default.copyItem(
            at: Corral.repository.appending(path: "PluginSDK").resolvingSymlinksInPath().appending(
                path: "Templates/c-agent"),
            to: template)
        let sdk = Corral.repository.appending(path: "PluginSDK").resolvingSymlinksInPath().path()
        func release(_ version: String) throws {
            let source = template.appending(path: "agent.c")
            let text = try String(contentsOf: source, encoding: .utf8)
            let old = try #require(text.range(of: #"\\"version\\":\\"[0-9.]+"#, options: .regularExpression))
            try text.replacingCharacters(in: old, with: #"\"version\":\""# + version)
                .write(to: source, atomically: true, encoding: .utf8)
            let make = try Corral.execute(
                "/usr/bin/env", ["make", "-B", "-s", "-C", template.path(), "CORRAL_SDK=\(sdk)", "echo.so"])
            try #require(make.status == 0, "\(make)")
            let next = corral.pluginFolder.appending(path: ".echo.next")
            try FileManager.default.copyItem(at: template.appending(path: "echo.so"), to: next)
            #expect(rename(next.path(), corral.pluginFolder.appending(path: "echo.so").path()) == 0)
        }
        var digests: Set<String> = []
        var host: Int32?
        for version in ["1.0.0", "1.1.0", "2.0.0"] {
            try release(version)
            let output = try corral("run", "acme/echo", "--input", "n=1", "--json")
            #expect(output.status == 0, "\(output)")
            let shown = try corral("plugin", "show", "acme/echo", "--json").json()
            #expect(shown["version"] as? String == version)
            let steps = try #require(try corral("runs", "show", "last", "--json").json()["steps"] as? [[String: Any]])
            let digest = try #require(steps.first?["plugin_digest"] as? String)
            #expect(digest == shown["digest"] as? String)
            digests.insert(digest)
            host = host ?? corral.hostProcess
            #expect(corral.hostProcess == host)
        }
        #expect(digests.count == 3)
    }
}

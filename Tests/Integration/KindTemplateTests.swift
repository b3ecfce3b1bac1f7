// SPDX-License-Identifier: Apache-2.0
// KindTemplateTests: what `corral plugin new` makes of each of the host's own kinds builds as it is, and passes every check
// of plugins and of its kind; and so do the plugins that come with Corral.

import Foundation
import Testing

@Suite(.serialized)
struct KindTemplateTests {
    static let kinds = ["memory", "scanner", "judge", "notifier", "tracer"]

    private func check(_ corral: Corral, _ library: String) throws {
        let checks = try CheckTests.checks().filter { !CheckTests.slow.contains($0) }
        let output = try corral.run(["plugin", "check", library, "--json"] + checks.flatMap { ["--only", $0] })
        #expect(output.status == 0, "\(output.standardOutput)\(output.standardError)")
        let results = try #require(try output.json()["checks"] as? [[String: Any]])
        #expect(results.count > 17, "no check of its kind was run: \(results.count)")
        #expect(results.allSatisfy { $0["state"] as? String == "passed" }, "\(results)")
    }

    @Test(arguments: kinds)
    func inCItBuildsAndChecksClean(kind: String) throws {
        let corral = try Corral()
        corral.environment["CORRAL_SDK"] = Corral.repository.appending(path: "PluginSDK").path()
        let made = try corral("plugin", "new", "shop/mine", "--lang", "c", "--kind", kind)
        #expect(made.status == 0, "\(made)")
        try check(corral, "mine")
    }

    /// All in one package, because the SDK is then compiled once.
    @Test func inSwiftTheyBuildAndCheckClean() throws {
        let corral = try Corral()
        let templates = Corral.repository.appending(path: "PluginSDK/Templates")
        var targets: [(kind: String, type: String)] = []
        for kind in Self.kinds {
            let sources = templates.appending(path: "swift-\(kind)/Sources")
            let types = try FileManager.default.contentsOfDirectory(atPath: sources.path())
            let type = try #require(types.first { !$0.hasSuffix("Entry") })
            targets.append((kind, type))
            try FileManager.default.copyItem(at: sources, to: corral.project.appending(path: kind))
        }
        try FileManager.default.copyItem(
            at: templates.appending(path: "swift-agent/plugin.map"), to: corral.project.appending(path: "plugin.map"))
        _ = try corral.write("Package.swift", package(targets))
        let build = try Corral.execute("/usr/bin/env", ["swift", "build"], folder: corral.project)
        try #require(build.status == 0, "\(build.standardOutput)\(build.standardError)")
        for (_, type) in targets {
            try check(corral, corral.project.appending(path: ".build/debug/lib\(type.lowercased()).so").path())
        }
    }

    private func package(_ targets: [(kind: String, type: String)]) -> String {
        let sdk = #".product(name: "CorralSDK", package: "PluginSDK")"#
        let linker =
            #"[.unsafeFlags(["-use-ld=lld", "-Xlinker", "--version-script=\(Context.packageDirectory)/plugin.map", "#
            + #""-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "--gc-sections"])]"#
        let products = targets.map {
            #".library(name: "\#($0.type.lowercased())", type: .dynamic, targets: ["\#($0.type)Entry"])"#
        }
        let all = targets.flatMap { kind, type in
            [
                #".target(name: "\#(type)", dependencies: [\#(sdk)], path: "\#(kind)/\#(type)")"#,
                #".target(name: "\#(type)Entry", dependencies: ["\#(type)", \#(sdk)], path: "\#(kind)/\#(type)Entry", "#
                    + "linkerSettings: \(linker))",
            ]
        }
        return """
            // swift-tools-version: 6.2
            import PackageDescription
            let package = Package(
                name: "kinds", products: [\(products.joined(separator: ", "))],
                dependencies: [
                    .package(name: "PluginSDK", path: "\(Corral.repository.appending(path: "PluginSDK").path())")
                ],
                targets: [\(all.joined(separator: ",\n"))], swiftLanguageModes: [.v6])
            """
    }

    @Test(arguments: [
        "corral-memory-sqlite", "corral-scanner-sensitive", "corral-judge-rules", "corral-notifier-webhook",
        "corral-notifier-email", "corral-tracer-file",
    ])
    func thePluginsThatComeWithCorralPassTheChecksOfTheirKind(name: String) throws {
        let corral = try Corral()
        let library = Corral.products.appending(path: "lib\(name).so").path()
        let checks = try CheckTests.checks().filter { !CheckTests.slow.contains($0) }
        let output = try corral.run(["plugin", "check", library, "--json"] + checks.flatMap { ["--only", $0] })
        #expect(output.status == 0, "\(output.standardOutput)\(output.standardError)")
        let results = try #require(try output.json()["checks"] as? [[String: Any]])
        #expect(results.count > 17, "no check of its kind was run: \(results.count)")
    }
}

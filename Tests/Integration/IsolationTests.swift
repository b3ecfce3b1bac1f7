// SPDX-License-Identifier: Apache-2.0
// IsolationTests: the levels through the whole product: plugins run at each, the level is told everywhere, and nothing
// starts below what is demanded.

import Foundation
import Testing

@Suite struct IsolationTests {
    /// The levels that this machine gives, weakest first.
    static let available: [String] = {
        guard let corral = try? Corral(), let output = try? corral("doctor", "--json"),
            let rows = try? JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [[String: Any]]
        else { return [] }
        return ["basic", "moderate", "strict"].filter { level in
            rows.contains { $0["topic"] as? String == "· \(level)" && $0["state"] as? String == "ok" }
        }
    }()

    @Test func doctorTriesEveryLevelAndNamesTheOneInForce() throws {
        let corral = try Corral()
        let output = try corral("doctor", "--json")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [[String: Any]])
        func row(_ topic: String) -> String {
            rows.first { $0["topic"] as? String == topic }?["detail"] as? String ?? ""
        }
        let best = try #require(Self.available.last, "\(output)")
        #expect(row("isolation").hasPrefix("\(best) in force"))
        for level in Self.available { #expect(row("· \(level)").hasPrefix("tried to the end: ")) }
        #expect(!row("limits").isEmpty && !row("users").isEmpty)
    }

    @Test(arguments: available) func pluginsRunAtEveryLevelAndItIsTold(_ level: String) throws {
        let corral = try Corral()
        corral.environment["CORRAL_ISOLATION"] = level
        try corral.install("echo")
        let run = try corral("run", "test/echo", "--input", "n=1", "--json")
        #expect(run.status == 0, "\(run)")
        let status = try corral("host", "status", "--json").json()
        #expect(status["isolation_level"] as? String == level)
        let workers = try #require(status["workers"] as? [[String: Any]])
        // Of the agent and of what the host itself calls: scanners, tracers.
        #expect(Set(workers.map { $0["isolation_level"] as? String }) == [level])
        #expect(try corral("runs", "show", "last", "--json").json()["isolation_level"] as? String == level)
        #expect(try corral("tenant", "show", "default", "--json").json()["isolation_level"] as? String == level)
    }

    @Test func aHostDoesNotStartBelowWhatIsDemanded() throws {
        let corral = try Corral()
        corral.environment["CORRAL_ISOLATION"] = "basic"
        try corral.install("echo")
        _ = try corral.write("corral.yaml", "multi_tenancy: {isolation: {level: moderate}}\n")
        let output = try corral("run", "test/echo")
        #expect(output.status != 0)
        #expect(output.standardError.contains("CRL-0342"), "\(output)")
        #expect(output.standardError.contains("\"basic\" is less than the \"moderate\""), "\(output)")
    }

    @Test func aTenantDoesNotStartBelowWhatItDemands() throws {
        let corral = try Corral()
        corral.environment["CORRAL_ISOLATION"] = "basic"
        try corral.install("echo")
        try #require(try corral("tenant", "add", "acme", "--set", "multi_tenancy.isolation.level=strict").status == 0)
        let output = try corral("run", "test/echo", "--tenant", "acme")
        #expect(output.status != 0)
        #expect(output.standardError.contains("CRL-0342"), "\(output)")
        #expect(try corral("run", "test/echo").status == 0)
    }

    /// As an ordinary user; root gives each tenant a user of its own, and both may run.
    @Test func basicServesOneTenantUnlessEachHasAUser() throws {
        let corral = try Corral()
        corral.environment["CORRAL_ISOLATION"] = "basic"
        try corral.install("echo")
        try #require(try corral("tenant", "add", "acme").status == 0)
        try #require(try corral("run", "test/echo").status == 0)
        let second = try corral("run", "test/echo", "--tenant", "acme")
        if geteuid() == 0 {
            #expect(second.status == 0, "\(second)")
        } else {
            #expect(second.standardError.contains("CRL-0343"), "\(second)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives users"))
    func eachTenantHasAUserOfItsOwn() throws {
        let corral = try Corral()
        try corral.install("echo")
        try #require(try corral("tenant", "add", "acme").status == 0)
        let users = try ["default", "acme"].map { tenant -> Int in
            try #require(try corral("run", "test/echo", "--tenant", tenant).status == 0)
            let detail = try corral("tenant", "show", tenant, "--json").json()
            let user = try #require(detail["user"] as? Int)
            let worker = try #require((detail["worker_list"] as? [[String: Any]])?.first?["pid"] as? Int)
            let status = try String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8)
            #expect(status.contains("Uid:\t\(user)\t\(user)\t\(user)\t\(user)"))
            return user
        }
        #expect(Set(users).count == 2 && users.allSatisfy { $0 > 200_000 })
    }
}

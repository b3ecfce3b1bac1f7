// SPDX-License-Identifier: Apache-2.0
// ForgeryTests: plugins of one compartment share a process and a socket, so one can write frames in another's name. It
// gains what the compartment was granted, and nothing beyond.

import Foundation
import Testing

@Suite(.serialized)
struct ForgeryTests {
    /// Calls of a tenant are numbered from 1, and the first here is the neighbour's.
    private static let neighbour = 1

    @Test func aRequestInANeighboursNameIsHeldToTheGrants() throws {
        let corral = try Corral()
        try corral.install("never-complete", "forge-requests", "tools")
        let started = try corral("run", "test/never-complete", "--detach", "--json")
        let neighbour = try #require(try started.json()["run"] as? String, "\(started)")
        try eventually("the neighbour's call runs") {
            try corral("host", "status", "--json").standardOutput.contains("\"calls_running\": 1")
        }
        let forged = try corral("run", "test/forge-requests", "--input", "call=\(Self.neighbour)", "--json")
        #expect(forged.status == 0, "\(forged)")
        // The request was taken for the neighbour's, and refused: the neighbour was never granted the tool.
        var asked: [[String: Any]] = []
        try eventually("the refusal is in the trace") {
            let trace = try corral("runs", "show", neighbour, "--trace", "--json").json()
            asked = (trace["spans"] as? [[String: Any]] ?? []).filter { $0["kind"] as? String == "tool_use" }
            return !asked.isEmpty
        }
        #expect(asked.allSatisfy { $0["status"] as? String == "error" }, "\(asked)")
        #expect("\(asked)".contains("grant_missing"), "\(asked)")
    }

    @Test func aRequestForACallOfAnotherProcessEndsTheForger() throws {
        let corral = try Corral()
        try corral.install("echo", "forge-requests")
        let host = try #require(try corral("run", "test/echo").status == 0 ? corral.hostProcess : nil)
        let forged = try corral("run", "test/forge-requests", "--input", "call=4711", "--json")
        #expect(forged.status == 1)
        let error = try #require(try forged.json()["error"] as? [String: Any])
        #expect(error["code"] as? String == "CRL-0328", "\(error)")
        #expect(try corral("run", "test/echo", "--input", "n=1").status == 0)
        #expect(corral.hostProcess == host)
    }
}

// SPDX-License-Identifier: Apache-2.0
// LauncherTests: starting a host for a client, with programs in the host's place that do what hosts may do.

import CorralBase
import CorralControl
import CorralControlServer
import CorralHome
import Foundation
import Testing

@testable import CorralCommand

@Suite struct LauncherTests {
    private func launch(_ script: String, _ home: TestHome, timeout: Int32 = 10_000) async throws {
        let launcher = HostLauncher(
            home: Home(path: home.path, reason: "test"), program: "/bin/sh", arguments: ["sh", "-c", script],
            timeoutMilliseconds: timeout)
        try await onThread { try launcher.launch() }
    }

    private func failure(_ script: String, timeout: Int32 = 10_000) async throws -> CorralError? {
        do {
            try await launch(script, try TestHome(), timeout: timeout)
            return nil
        } catch let error as CorralError {
            return error
        }
    }

    @Test func aHostThatSaysItIsReadyIsReady() async throws {
        #expect(try await failure("printf r >&3") == nil)
    }

    @Test func theHostsOwnReasonReachesThePerson() async throws {
        let reason = CorralError(ErrorCode(299, "of_a_test"), "the home \"x\" is full", hint: "make room")
        let text = String(decoding: try encodeReason(reason), as: UTF8.self)
        #expect(try await failure("printf '%s' '\(text)' >&3") == reason)
    }

    @Test func aHostThatDiesLeavesItsLastWords() async throws {
        let error = try #require(try await failure("echo first; echo 'cannot go on' >&2; exit 7"))
        #expect(error.code == .hostStartFailed)
        #expect(error.cause == "first | cannot go on")
    }

    @Test func aHostThatSaysNothingIsNotWaitedForForEver() async throws {
        let error = try #require(try await failure("exec sleep 2", timeout: 50))
        #expect(error.message.contains("it was not ready in"))
    }

    @Test func garbageOnTheReadinessPipeIsNoCrash() async throws {
        #expect(try await failure("printf '{]' >&3")?.code == .hostStartFailed)
    }

    @Test func aProgramThatIsNotThereIsSaid() async throws {
        let home = Home(path: try TestHome().path, reason: "test")
        let launcher = HostLauncher(home: home, program: "/nonexistent", arguments: ["x"], timeoutMilliseconds: 1000)
        #expect(throws: CorralError.self) { try launcher.launch() }
    }

    @Test func theHostHasASessionOfItsOwnAndNoDescriptorsOfTheClient() async throws {
        let home = try TestHome()
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        _ = fcntl(leak, F_SETFD, 0)
        let script = """
            cd '\(home.path)'; read -r pid name state parent group session rest < /proc/$$/stat
            echo "$$ $session" > session; ls /proc/$$/fd > descriptors; printf r >&3
            """
        try await launch(script, home)
        let session = try String(contentsOfFile: home.path + "/session", encoding: .utf8).split(
            whereSeparator: \.isWhitespace)
        #expect(session.count == 2 && session.first == session.last)
        let open = try String(contentsOfFile: home.path + "/descriptors", encoding: .utf8).split(separator: "\n")
        #expect(open.contains("3") && !open.contains("\(leak)"))
    }

    @Test func theLoserOfARaceConnectsToTheWinner() async throws {
        let home = try TestHome()
        let reason = CorralError(.homeLocked, "home \"x\" is in use")
        let text = String(decoding: try encodeReason(reason), as: UTF8.self)
        let launcher = HostLauncher(
            home: Home(path: home.path, reason: "test"), program: "/bin/sh",
            arguments: ["sh", "-c", "printf '%s' '\(text)' >&3; touch '\(home.path)/lost'"], timeoutMilliseconds: 10_000
        )
        let reply = Task {
            try await onThread { try HostConnection.open(launcher.home, launcher: launcher).perform(.hostStatus) }
        }
        // The winner listens only after the loser has lost.
        while !FileManager.default.fileExists(atPath: home.path + "/lost") { await Task.yield() }
        try await ScriptedHandler.serving(home) { _, _, _ in
            .done("winner")
        } _: {
            let answer = try await reply.value
            #expect(answer == .done("winner"))
        }
    }
}

private func encodeReason(_ error: CorralError) throws -> [UInt8] { try encodeControlMessage(error) }

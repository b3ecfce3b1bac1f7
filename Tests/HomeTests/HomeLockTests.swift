// SPDX-License-Identifier: Apache-2.0
// HomeLockTests: one host per home, however the other one ends.

import CorralBase
import CorralHome
import Foundation
import Testing

@Suite struct HomeLockTests {
    @Test func secondHostIsToldWhoHoldsTheHome() throws {
        try withFolder { folder in
            let home = Home(path: folder.path, reason: "")
            let lock = try HomeLock.acquire(home)
            let error = #expect(throws: CorralError.self) { try HomeLock.acquire(home) }
            let own = ProcessInfo.processInfo.processIdentifier
            #expect(error?.code == .homeLocked)
            #expect(error?.message == "home \"\(folder.path)\" is in use by process \(own)")
            withExtendedLifetime(lock) {}
        }
    }

    @Test func releasedLockCanBeTakenAgain() throws {
        try withFolder { folder in
            let home = Home(path: folder.path, reason: "")
            for _ in 0..<3 { _ = try HomeLock.acquire(home) }
            #expect(try String(contentsOfFile: home.lock, encoding: .utf8).hasSuffix("\n"))
        }
    }

    @Test(arguments: ["", "x\n", "-5\n", "99999999999999\n"]) func strangeContentIsNoProcess(_ content: String) throws {
        try withFolder { folder in
            let home = Home(path: folder.path, reason: "")
            let lock = try HomeLock.acquire(home)
            try Data(content.utf8).write(to: URL(fileURLWithPath: home.lock), options: [])
            let error = #expect(throws: CorralError.self) { try HomeLock.acquire(home) }
            #expect(error?.message.hasSuffix("in use by another process") == true)
            withExtendedLifetime(lock) {}
        }
    }

    @Test func killedHolderLeavesNoLock() throws {
        try withFolder { folder in
            let home = Home(path: folder.path, reason: "")
            // flock(1) holds the same kind of lock and reports on its output when it has it.
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
            holder.arguments = ["--no-fork", home.lock, "sh", "-c", "echo held; exec cat"]
            let output = Pipe()
            let input = Pipe()
            holder.standardOutput = output
            holder.standardInput = input
            try holder.run()
            #expect(output.fileHandleForReading.availableData == Data("held\n".utf8))
            #expect(throws: CorralError.self) { try HomeLock.acquire(home) }
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()
            _ = try HomeLock.acquire(home)
        }
    }

    @Test func linkInThePlaceOfTheLockIsRefused() throws {
        try withFolder { folder in
            let home = Home(path: folder.path, reason: "")
            try FileManager.default.createSymbolicLink(atPath: home.lock, withDestinationPath: folder.path + "/other")
            let error = #expect(throws: CorralError.self) { try HomeLock.acquire(home) }
            #expect(error?.code == .homeUnusable)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/other"))
        }
    }
}

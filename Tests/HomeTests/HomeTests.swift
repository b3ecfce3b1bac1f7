// SPDX-License-Identifier: Apache-2.0
// HomeTests: which home is chosen and why, and that an unsafe one is refused.

import CorralBase
import CorralHome
import Foundation
import Testing

@Suite struct HomeTests {
    struct Choice: CustomTestStringConvertible {
        let testDescription: String
        var option: String?
        var variables: [String: String] = [:]
        var isService = false
        /// With FOLDER for the test's own folder; the working directory is FOLDER/project/a/b.
        let home: String
        let reason: String
        var hasDotCorral = false
    }

    static let choices: [Choice] = [
        Choice(
            testDescription: "option", option: "/x/../y/", variables: ["CORRAL_HOME": "/z"], home: "/y",
            reason: "named by --home"),
        Choice(
            testDescription: "relative option", option: "./h", home: "FOLDER/project/a/b/h", reason: "named by --home"),
        Choice(
            testDescription: "variable", variables: ["CORRAL_HOME": "/z", "HOME": "/home/me"], home: "/z",
            reason: "CORRAL_HOME is set", hasDotCorral: true),
        Choice(
            testDescription: "empty variable", variables: ["CORRAL_HOME": "", "HOME": "/home/me"],
            home: "FOLDER/project/.corral", reason: "nearest .corral at or above \"FOLDER/project/a/b\"",
            hasDotCorral: true),
        Choice(
            testDescription: "service", variables: ["HOME": "/root"], isService: true, home: "/var/lib/corral",
            reason: "started as a service"),
        Choice(
            testDescription: "data folder", variables: ["HOME": "/home/me", "XDG_DATA_HOME": "/data/"],
            home: "/data/corral", reason: "XDG_DATA_HOME is set; no .corral above the working directory"),
        Choice(
            testDescription: "relative data folder", variables: ["HOME": "/home/me", "XDG_DATA_HOME": "data"],
            home: "/home/me/.local/share/corral",
            reason: "the user's data folder; no .corral above the working directory"),
    ]

    @Test(arguments: choices) func choosesTheHome(_ choice: Choice) throws {
        try withFolder { folder in
            let place = folder.appending(path: "project/a/b")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            if choice.hasDotCorral {
                let dot = folder.appending(path: "project/.corral")
                try FileManager.default.createDirectory(at: dot, withIntermediateDirectories: false)
                // A file of that name is not a home.
                try Data().write(to: folder.appending(path: "project/a/.corral"))
            }
            let home = try Home.resolve(
                HomeSurroundings(
                    option: choice.option, variables: choice.variables, workingDirectory: place.path,
                    isService: choice.isService))
            #expect(home.path == choice.home.replacing("FOLDER", with: folder.path))
            #expect(home.reason == choice.reason.replacing("FOLDER", with: folder.path))
        }
    }

    @Test func refusesWhenThereIsNoPlace() {
        let error = #expect(throws: CorralError.self) {
            try Home.resolve(HomeSurroundings(variables: ["HOME": "x"], workingDirectory: "/"))
        }
        #expect(error?.code == .homeUnusable)
        #expect(error?.hint == "name one with `--home DIR` or CORRAL_HOME")
    }

    @Test func projectIsTheFolderAroundDotCorral() {
        #expect(Home(path: "/src/a/.corral", reason: "").project == "/src/a")
        #expect(Home(path: "/.corral", reason: "").project == "/")
        #expect(Home(path: "/.corral", reason: "").plugins == "/plugins.d")
        #expect(Home(path: "/var/lib/corral", reason: "").project == "/var/lib/corral")
        #expect(Home(path: "/src/a/.corral", reason: "").flows == "/src/a/flows")
        #expect(Home(path: "/src/a/.corral", reason: "").tenants == "/src/a/.corral/tenants")
    }

    @Test func shellBelowAServiceIsNoService() {
        #expect(!HomeSurroundings.isStartedByServiceManager(["INVOCATION_ID": "x", "SYSTEMD_EXEC_PID": "1"]))
        let own = String(ProcessInfo.processInfo.processIdentifier)
        #expect(HomeSurroundings.isStartedByServiceManager(["SYSTEMD_EXEC_PID": own]) == (geteuid() == 0))
    }
}

@Suite struct HomeFolderTests {
    @Test func createsFoldersNobodyElseCanEnter() throws {
        try withFolder { folder in
            let home = Home(path: folder.path + "/a/b/home", reason: "")
            try home.prepare()
            try home.prepare()
            for name in ["a", "a/b", "a/b/home"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
                #expect(attributes[.posixPermissions] as? Int == 0o700)
            }
        }
    }

    struct Unsafe: CustomTestStringConvertible {
        let testDescription: String
        var home = 0o700
        var project = 0o755
        /// Nil when it is fine; FOLDER stands for the folder around the project.
        let hint: String?
    }

    static let unsafe: [Unsafe] = [
        Unsafe(testDescription: "private", hint: nil),
        Unsafe(testDescription: "readable", home: 0o755, hint: nil),
        Unsafe(testDescription: "group writes home", home: 0o770, hint: "chmod g-w 'FOLDER/p/.corral'"),
        Unsafe(testDescription: "others write home", home: 0o777, hint: "chmod go-w 'FOLDER/p/.corral'"),
        Unsafe(testDescription: "group writes project", project: 0o775, hint: nil),
        Unsafe(testDescription: "others write project", project: 0o777, hint: "chmod go-w 'FOLDER/p'"),
        Unsafe(testDescription: "sticky project", project: 0o1777, hint: "chmod go-w 'FOLDER/p'"),
    ]

    @Test(arguments: unsafe) func refusesWhatOthersCanWrite(_ unsafe: Unsafe) throws {
        try withFolder { folder in
            let home = Home(path: folder.path + "/p/.corral", reason: "")
            try FileManager.default.createDirectory(atPath: home.path, withIntermediateDirectories: true)
            #expect(chmod(home.path, mode_t(unsafe.home)) == 0 && chmod(home.project, mode_t(unsafe.project)) == 0)
            guard let hint = unsafe.hint else { return try home.prepare() }
            let error = #expect(throws: CorralError.self) { try home.prepare() }
            #expect(error?.code == .homeUnsafe)
            #expect(error?.hint == hint.replacing("FOLDER", with: folder.path))
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func refusesTheFolderOfAnotherUser() throws {
        try withFolder { folder in
            #expect(chown(folder.path, 65_534, 65_534) == 0)
            let error = #expect(throws: CorralError.self) { try Home(path: folder.path, reason: "").prepare() }
            #expect(error?.message == "\"\(folder.path)\" belongs to user 65534, not to you (user 0)")
        }
    }

    @Test(arguments: ["file", "file/below", "file/far/below"]) func refusesAFileInThePlaceOfAFolder(_ name: String)
        throws
    {
        try withFolder { folder in
            try Data().write(to: folder.appending(path: "file"))
            let error = #expect(throws: CorralError.self) {
                try Home(path: folder.path + "/" + name, reason: "").prepare()
            }
            #expect(error?.code == .homeUnusable)
            #expect(error?.message.hasSuffix("is not a folder") == true)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// StoreHome: a folder of its own for a test, deleted afterwards, and short ways to make records.

import CorralBase
import CorralStore
import Foundation

final class StoreHome {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "corral-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var tenantFolder: String { path + "/tenants/default" }
    var database: String { tenantFolder + "/state.db" }
    var keys: KeyFolder { KeyFolder(home: path) }

    func open(_ options: TenantStore.Options = TenantStore.Options()) throws -> TenantStore {
        try TenantStore(folder: tenantFolder, tenant: .standard, keys: keys, now: 1_000, options: options)
    }

    /// Runs SQL with another connection, as a person with `sqlite3` would.
    @discardableResult
    func sqlite(_ sql: String, _ file: String? = nil) throws -> String {
        try run("/usr/bin/sqlite3", [file ?? database, sql])
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Relative paths of all files below a folder, sorted.
    func files(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }
}

/// Runs a program to its end and returns its output.
@discardableResult
func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
}

/// The built `StoreWriter`, which lies beside the test program.
let storeWriter: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("StoreWriter").path
}()

func runID(_ number: UInt32) -> RunID { RunID(milliseconds: 1_700_000_000_000 + UInt64(number), random: number) }

func creation(
    flow: String = "review", session: String? = nil, request: String? = nil, artifacts: [ArtifactRef] = []
) -> RunCreation {
    RunCreation(
        flow: flow, flowDigest: "abc", definition: Array("flow: review\n".utf8), input: Array(#"{"a" : 1}"#.utf8),
        seed: .max - 3, mode: .sync, user: "mia", feature: "demo", session: session, taskType: "review",
        complexity: "low", labels: ["b": "2", "a": "1"],
        clientRequest: request, artifacts: artifacts, context: ["isolation": "basic"])
}

extension TenantStore {
    func add(_ run: RunID, at time: Int64 = 5, _ events: JournalEvent..., durability: Durability = .sync) throws {
        try append(events.map { JournalRecord(run: run, at: time, event: $0) }, durability: durability)
    }
}

func attempt(_ step: String, item: Int? = nil, _ number: Int = 1, lineage: Int = 0) -> AttemptKey {
    AttemptKey(step: step, item: item, attempt: number, lineage: lineage)
}

let failure = CorralError(
    ErrorCode(901, "agent_failed"), "no \"price\"", hint: "give one", cause: "line 3", isRetryable: true)

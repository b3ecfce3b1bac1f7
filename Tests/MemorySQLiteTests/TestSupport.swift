// SPDX-License-Identifier: Apache-2.0
import CSQLite
import CorralSDK
import Glibc

@testable import MemorySQLite

/// A folder that is gone with the value.
final class Folder {
    let path: String

    init() {
        var template = Array("/tmp/corral-memory-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    }

    var database: String { path + "/memory.db" }

    func write(_ bytes: [UInt8], to name: String) {
        let file = fopen(path + "/" + name, "w")
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    func contains(_ text: String) -> Bool {
        for name in ["memory.db", "memory.db-wal"] {
            guard let file = fopen(path + "/" + name, "r") else { continue }
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var buffer = Array(repeating: UInt8(0), count: 1 << 16)
            while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
            if holds(bytes, Array(text.utf8)) { return true }
        }
        return false
    }

    private func holds(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { start in
            bytes[start] == wanted[0] && bytes[start..<start + wanted.count].elementsEqual(wanted)
        }
    }

    deinit {
        for suffix in ["", "-wal", "-shm"] { unlink(database + suffix) }
        rmdir(path)
    }
}

extension MemoryPut {
    static func note(
        _ text: String, key: String? = nil, in namespace: String = "agent:a/b", _ layer: MemoryLayer = .longTerm,
        at now: Int64 = 1_000, until: Int64? = nil, tags: [String]? = nil, effect: String? = nil
    ) -> MemoryPut {
        MemoryPut(
            nowMilliseconds: now, namespace: namespace, layer: layer, key: key, text: text, tags: tags,
            author: MemoryAuthor(agent: "a/b", run: "run-1"), expiresAtMilliseconds: until, effect: effect)
    }
}

extension MemorySearch {
    static func find(
        _ query: String, in namespaces: [String] = ["agent:a/b"], layers: [MemoryLayer]? = nil, at now: Int64 = 2_000,
        tags: [String]? = nil, limit: Int = 10
    ) -> MemorySearch {
        MemorySearch(
            nowMilliseconds: now, namespaces: namespaces, layers: layers, query: query, tags: tags, limit: limit)
    }
}

extension MemoryList {
    static func all(
        in namespaces: [String] = ["agent:a/b"], layers: [MemoryLayer]? = nil, at now: Int64 = 2_000,
        tags: [String]? = nil, limit: Int = 200, after cursor: String? = nil
    ) -> MemoryList {
        MemoryList(
            nowMilliseconds: now, namespaces: namespaces, layers: layers, tags: tags, limit: limit, cursor: cursor)
    }
}

extension MemoryGet {
    static func key(
        _ key: String, in namespace: String = "agent:a/b", _ layer: MemoryLayer? = nil, at now: Int64 = 2_000
    ) -> MemoryGet {
        MemoryGet(nowMilliseconds: now, namespace: namespace, layer: layer, key: key)
    }

    static func id(_ id: String, in namespace: String = "agent:a/b") -> MemoryGet {
        MemoryGet(nowMilliseconds: 2_000, namespace: namespace, id: id)
    }
}

extension MemoryForget {
    static func these(
        id: String? = nil, key: String? = nil, olderThan: Int64? = nil, all: Bool? = nil,
        in namespace: String? = "agent:a/b", layers: [MemoryLayer]? = nil, expired: Bool? = nil, at now: Int64 = 2_000
    ) -> MemoryForget {
        MemoryForget(
            nowMilliseconds: now, namespace: namespace, layers: layers, id: id, key: key,
            olderThanMilliseconds: olderThan, all: all,
            expired: expired)
    }
}

/// The code of the error that `body` throws; nil when it throws none.
func code(_ body: () async throws -> some Any) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch { return (error as? AgentError)?.code ?? "\(error)" }
}

// SPDX-License-Identifier: Apache-2.0
// AuditChain: what holds the audit log together, and whether it still does. Each entry's hash covers the one before it,
// so that nothing can be changed, taken out or put in between without everything after it being written anew.

import CorralBase
import CorralIdentity
import Foundation
import GRDB
import Glibc

package enum AuditChain {
    static let headSetting = "audit_head"

    /// - Parameter previous: 64 hexadecimal digits; zeros before the first entry.
    static func hash(after previous: String, _ text: String) -> ContentHash {
        ContentHash(of: (ContentHash(hex: previous)?.bytes ?? []) + Array(text.utf8))
    }

    /// Looks at the log of a home in which no host runs.
    /// - Returns: nil when there is none.
    package static func verify(home: String) throws -> AuditVerdict? {
        let path = home + "/host.db"
        guard access(path, F_OK) == 0 else { return nil }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            return try DatabaseQueue(path: path, configuration: configuration).read { db in
                guard try db.tableExists("audit") else { return nil }
                return try verify(db, folder: home, expecting: nil)
            }
        } catch {
            throw CorralError.database(error, path)
        }
    }

    static func settingHead(_ db: Database) throws -> AuditHead? {
        let text = try String.fetchOne(db, sql: "SELECT value FROM settings WHERE name = ?", arguments: [headSetting])
        return text.flatMap { try? AuditHead($0) }
    }

    static func lastRow(_ db: Database) throws -> AuditHead? {
        try Row.fetchOne(db, sql: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").map { row in
            AuditHead(sequence: row[0], hash: ContentHash(bytes: Array(row[1] as Data))?.hex ?? AuditHead.start.hash)
        }
    }

    static func verify(_ db: Database, folder: String, expecting expected: AuditHead?) throws -> AuditVerdict {
        let setting = try settingHead(db)
        let file = try? AuditHeadFile(folder: folder).read()
        var walk = Walk(marks: Set([setting, file, expected].compactMap { $0?.sequence }))
        let rows = try Row.fetchCursor(db, sql: "SELECT seq, entry, hash FROM audit ORDER BY seq")
        while let row = try rows.next() { walk.step(row[0], row[1], Array(row[2] as Data)) }
        walk.compare(setting, "the head in host.db", mayLag: false)
        walk.compare(file, "the file \(AuditHeadFile.name)", mayLag: true)
        if let expected { walk.compare(expected, "the head that was given", mayLag: true) }
        return AuditVerdict(entries: walk.count, head: walk.last, problems: walk.problems)
    }

    /// Goes over the rows in order, and past every problem.
    private struct Walk {
        let marks: Set<Int64>
        var last = AuditHead.start
        var count: Int64 = 0
        var problems: [String] = []
        /// The hashes of the entries that heads name.
        var found: [Int64: String] = [0: AuditHead.start.hash]

        init(marks: Set<Int64>) { self.marks = marks }

        mutating func step(_ sequence: Int64, _ text: String, _ stored: [UInt8]) {
            let hash = ContentHash(bytes: stored)?.hex ?? ""
            let isNext = sequence == last.sequence + 1
            if !isNext { report("\(range(last.sequence + 1, sequence - 1)) missing") }
            if AuditEntry(text)?.sequence != sequence {
                report("entry \(sequence) is not the entry that was recorded under this number")
            } else if isNext, AuditChain.hash(after: last.hash, text).hex != hash {
                report("entry \(sequence) or the one before it is not what was recorded: the hash does not follow")
            }
            if marks.contains(sequence) { found[sequence] = hash }
            last = AuditHead(sequence: sequence, hash: hash)
            count += 1
        }

        /// - Parameter mayLag: whether it may name an earlier entry than the last.
        mutating func compare(_ head: AuditHead?, _ what: String, mayLag: Bool) {
            guard let head else {
                if last.sequence > 0 { report("\(what) is missing or cannot be read") }
                return
            }
            if head.sequence > last.sequence {
                report("\(range(last.sequence + 1, head.sequence)) missing at the end: \(what) names \(head.sequence)")
            } else if found[head.sequence] != head.hash {
                report("entry \(head.sequence) is not the one that \(what) names")
            } else if head.sequence < last.sequence, !mayLag {
                report("\(what) ends at entry \(head.sequence), before the log")
            }
        }

        private mutating func report(_ problem: String) {
            if problems.count < AuditVerdict.problemsMax { problems.append(problem) }
        }

        private func range(_ first: Int64, _ last: Int64) -> String {
            first >= last ? "entry \(first) is" : "entries \(first) to \(last) are"
        }
    }
}

/// How far the log goes, outside the database: a copy of an older database put in its place shows.
struct AuditHeadFile {
    static let name = "audit.head"
    let folder: String

    private var path: String { folder + "/" + Self.name }

    /// - Returns: nil when there is none.
    func read() throws -> AuditHead? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw CorralError.system("open", path, errno)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return try AuditHead(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Replaces the file, so that a reader sees the old head or the new.
    func write(_ head: AuditHead) throws {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CorralError.system("write", temporary, errno) }
        let bytes = Array((head.text + "\n").utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let number = errno
        close(descriptor)
        guard isWritten else { throw CorralError.system("write", temporary, number) }
        guard rename(temporary, path) == 0 else { throw CorralError.system("replace", path, errno) }
    }
}

// SPDX-License-Identifier: Apache-2.0
// DurabilityTests: what reaches the disk when, counted where it happens: a library between the store and libc counts
// flushes, or makes one of them fail.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite(.serialized) struct DurabilityTests {
    @Test func flushesOncePerSyncCommit() throws {
        #expect(try flushesPerHundredCommits(.sync) == 100)
    }

    @Test func flushesNothingInAsyncCommits() throws {
        #expect(try flushesPerHundredCommits(.async) == 0)
    }

    /// The log is one file, so flushing it once for the last commit makes the ones before durable too.
    @Test func aSyncCommitFlushesTheLogThatAsyncOnesWrote() throws {
        let shim = try FlushShim()
        let asyncOnly = try shim.write(try StoreHome(), "small", .async, count: 21)
        let syncLast = try shim.write(try StoreHome(), "small-then-sync", .async, count: 21)
        #expect(syncLast - asyncOnly == 1)
    }

    @Test func refusesEverythingAfterAFailedFlush() throws {
        let (home, shim) = (try StoreHome(), try FlushShim())
        try shim.write(home, "append", .sync, count: 1)
        let output = try shim.run(home, "broken", .sync, count: 1_000, failing: 25)
        let lines = output.split(separator: "\n")
        #expect(lines.suffix(3) == ["error store_broken", "error store_broken", "error store_broken"])
        let acknowledged = acknowledgements(output)
        #expect(!acknowledged.isEmpty)
        let store = try home.open()
        #expect(try store.journal(of: runID(1)).count >= acknowledged.last ?? 0)
        try store.add(runID(1), .note(topic: "goes on", nil))
    }

    /// The difference between two lengths, so that opening and closing cancel out. Small values only: a large one is
    /// flushed as a file in both modes.
    private func flushesPerHundredCommits(_ durability: Durability) throws -> Int {
        let shim = try FlushShim()
        let short = try shim.write(try StoreHome(), "small", durability, count: 20)
        let long = try shim.write(try StoreHome(), "small", durability, count: 120)
        return long - short
    }
}

/// A library, built here, that stands before libc's fsync and fdatasync in the writer.
private final class FlushShim {
    private let home: StoreHome
    private let library: String

    init() throws {
        home = try StoreHome()
        library = home.path + "/shim.so"
        let file = try home.write("shim.c", Array(Self.source.utf8))
        try StoreTests.run("/usr/bin/cc", ["-shared", "-fPIC", "-o", library, file, "-ldl"])
    }

    /// - Returns: how often the writer flushed the log in its life.
    @discardableResult
    func write(_ store: StoreHome, _ command: String, _ durability: Durability, count: Int) throws -> Int {
        let report = home.path + "/count"
        let output = try start(store, command, durability, count, ["SHIM_REPORT": report])
        #expect(acknowledgements(output).count == count, "\(output.suffix(200))")
        let text = try String(contentsOfFile: report, encoding: .utf8)
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// - Parameter failing: which flush of the log in the writer's life fails with EIO.
    func run(_ store: StoreHome, _ command: String, _ durability: Durability, count: Int, failing: Int) throws -> String
    {
        try start(store, command, durability, count, ["SHIM_FAIL": "\(failing)"])
    }

    private func start(
        _ store: StoreHome, _ command: String, _ durability: Durability, _ count: Int, _ settings: [String: String]
    ) throws -> String {
        try StoreTests.run(
            storeWriter, [command, store.tenantFolder, runID(1).text, durability.rawValue, "\(count)"],
            environment: settings.merging(["LD_PRELOAD": library]) { own, _ in own })
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        static int calls;

        static int flush(const char *name, int fd) {
            int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
            const char *fail = getenv("SHIM_FAIL");
            char link[64], path[4096] = "";
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            if (readlink(link, path, sizeof path - 1) > 4 && !strcmp(path + strlen(path) - 4, "-wal")) calls++;
            if (fail && calls == atoi(fail)) { errno = EIO; return -1; }
            return real(fd);
        }

        int fsync(int fd) { return flush("fsync", fd); }
        int fdatasync(int fd) { return flush("fdatasync", fd); }

        __attribute__((destructor)) static void report(void) {
            const char *path = getenv("SHIM_REPORT");
            FILE *file = path ? fopen(path, "w") : 0;
            if (file) { fprintf(file, "%d\\n", calls); fclose(file); }
        }
        """
}

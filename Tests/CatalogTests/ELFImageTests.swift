// SPDX-License-Identifier: Apache-2.0
// ELFImageTests: libraries read from the outside, whole ones and broken ones.

import CorralBase
import CorralCatalog
import Foundation
import Testing

struct ELFImageTests {
    private func read(_ bytes: [UInt8], _ path: String = "x.so") -> Result<ELFImage, CorralError> {
        bytes.withUnsafeBytes { bytes in Result { () throws(CorralError) in try ELFImage(bytes, path: path) } }
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try #require(FileManager.default.contents(atPath: path)))
    }

    private func code(_ bytes: [UInt8]) -> ErrorCode? {
        if case .failure(let error) = read(bytes) { error.code } else { nil }
    }

    private let source = """
        #include <math.h>
        extern double corral_cosine(double x);
        double corral_cosine(double x) { return cos(x); }
        static int hidden(void) { return 1; }
        __attribute__((visibility("hidden"))) int inside(void) { return hidden(); }
        void *corral_plugin_entry(void *h) { return h; }
        """

    @Test(arguments: ["gnu", "sysv", "both"])
    func findsExportsAndDependencies(_ hash: String) throws {
        let folder = try Folder()
        try folder.compile(
            "a.so", source, "-Wl,--hash-style=\(hash)", "-Wl,--no-as-needed", "-lm", "-Wl,-rpath,$ORIGIN/lib")
        let image = try read(bytes(folder.plugins + "/a.so")).get()
        #expect(image.exports == ["corral_cosine", "corral_plugin_entry"])
        #expect(image.needed == ["libm.so.6", "libc.so.6"])
        #expect(image.runpath == "$ORIGIN/lib")
        #expect(image.toolchain == nil)
    }

    @Test func readsTheToolchainNote() throws {
        let folder = try Folder()
        try folder.compile(
            "a.so",
            """
            struct { unsigned a, b, c; char name[8]; char text[12]; } note
                __attribute__((section(".note.corral"), aligned(4), used)) = {7, 11, 1, "Corral", "swift-6.9.0"};
            void *corral_plugin_entry(void *h) { return h; }
            """)
        #expect(try read(bytes(folder.plugins + "/a.so")).get().toolchain == "swift-6.9.0")
    }

    @Test func saysWhatAFileIsInstead() throws {
        let cases: [([UInt8], String)] = [
            ([], "empty"), (Array("hello\n".utf8), "a text file"), (Array("#!/bin/sh\n".utf8), "a script"),
            (Array("!<arch>\nx".utf8), "a static library"), ([0xCF, 0xFA, 0xED, 0xFE, 7], "a Mach-O file"),
            ([0x4D, 0x5A, 0x90, 0], "a Windows file"), ([0x1F, 0x8B, 8, 0], "gzip"), ([0, 1, 2, 3], "unknown kind"),
        ]
        for (bytes, words) in cases {
            guard case .failure(let error) = read(bytes) else {
                Issue.record("read \(words)")
                continue
            }
            #expect(error.code == .pluginNotELF)
            #expect(error.message.contains(words), "\(error.message)")
        }
    }

    @Test func namesBothArchitectures() throws {
        let folder = try Folder()
        try folder.plugin("a.so")
        let good = try bytes(folder.plugins + "/a.so")
        for (machine, name) in [
            (3, "x86 (32 bit)"), (40, "ARM (32 bit)"), (183, "ARM64"), (243, "RISC-V"), (62, "x86-64"),
        ] {
            var changed = good
            changed[18] = UInt8(machine)
            changed[19] = 0
            guard changed != good else { continue }
            guard case .failure(let error) = read(changed) else {
                Issue.record("accepted machine \(machine)")
                continue
            }
            #expect(error.code == .pluginWrongArchitecture)
            #expect(error.message.contains("was built for \(name)") && error.message.contains("this host runs on"))
        }
    }

    @Test func programsAndObjectsAreNoLibraries() throws {
        #expect(code(try bytes("/proc/self/exe")) == .pluginNotALibrary)
        let folder = try Folder()
        try folder.compile("a.o", "int x;", "-c", "-r")
        #expect(code(try bytes(folder.plugins + "/a.o")) == .pluginNotALibrary)
    }

    @Test func everyTruncationIsAnErrorOrALibrary() throws {
        let folder = try Folder()
        try folder.compile("a.so", source, "-lm", "-s")
        let whole = try bytes(folder.plugins + "/a.so")
        for length in stride(from: 0, to: whole.count, by: 7) {
            guard case .failure(let error) = read(Array(whole[..<length])) else { continue }
            #expect([.pluginDamaged, .pluginNotELF, .pluginNotALibrary].contains(error.code))
        }
    }

    /// Whatever a file says: an image or an error, never a trap.
    @Test func mutatedLibrariesAreSurvived() throws {
        let folder = try Folder()
        try folder.compile("a.so", source, "-lm", "-s", "-Wl,--hash-style=both")
        let whole = try bytes(folder.plugins + "/a.so")
        var random = SeededGenerator(seed: 64)
        let interesting: [UInt8] = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF]
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Headers and the first tables matter most.
                let limit = Bool.random(using: &random) ? min(1024, bytes.count) : bytes.count
                let at = Int.random(in: 0..<limit, using: &random)
                bytes[at] = interesting.randomElement(using: &random) ?? 0
            }
            _ = read(bytes)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The C headers as authors' compilers see them, and the layout they promise.
struct HeaderTests {
    static let headers: [String] = {
        let folder = Repository.headers.appending(path: "corral")
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return all.compactMap { ($0 as? URL)?.path }.filter { $0.hasSuffix(".h") }.sorted()
    }()

    static let compilers = [
        ["cc", "-std=c11", "-x", "c"], ["c++", "-std=c++17", "-x", "c++"], ["clang", "-std=c11", "-x", "c"],
        ["clang++", "-std=c++17", "-x", "c++"],
    ]

    @Test func findsTheHeaders() {
        #expect(Self.headers.count >= 8)
    }

    @Test(arguments: compilers)
    func compileAloneWithoutWarnings(compiler: [String]) throws {
        for header in Self.headers {
            let source = #"#include "\#(header)"\#nint corral_unused;\#n"#
            let scratch = try ScratchFolder()
            let file = scratch.url.appending(path: "one.c")
            try Data(source.utf8).write(to: file)
            let command = try Command.run(
                compiler + ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", file.path])
            #expect(command.status == 0, "\(compiler[0]): \(header):\n\(command.output)")
        }
    }

    @Test func keepTheirLayoutInC() throws {
        let scratch = try ScratchFolder()
        let program = scratch.url.appending(path: "layout")
        let source = Repository.sdk.appending(path: "C/Layout/layout.c")
        let build = try Command.run(
            ["cc", "-std=c11", "-Wall", "-Werror", "-I", Repository.headers.path, source.path, "-o", program.path])
        #expect(build.status == 0, "\(build.output)")
        #expect(try Command.run([program.path]).output == Self.layout())
    }

    @Test func keepTheirLayoutInSwift() throws {
        #expect(try SwiftLayout.text == Self.layout())
    }

    private static func layout() throws -> String {
        try String(contentsOf: Repository.headers.appending(path: "layout-x86_64.txt"), encoding: .utf8)
    }
}

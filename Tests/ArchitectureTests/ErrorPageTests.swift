// SPDX-License-Identifier: Apache-2.0
// ErrorPageTests: every error code has one declaration and one page, and every page a code.

import Foundation
import Testing

@Suite struct ErrorPageTests {
    private struct Declaration: Hashable {
        var number: Int
        var name: String
    }

    @Test func everyCodeHasOneDeclaration() throws {
        let declared = try declarations()
        #expect(declared.count > 20)
        #expect(Set(declared.map(\.number)).count == declared.count, "a number declared twice")
        #expect(Set(declared.map(\.name)).count == declared.count, "a name declared twice")
    }

    @Test func codesAndPagesAgree() throws {
        let codes = Set(try declarations().map { String(format: "CRL-%04d", $0.number) + " " + $0.name })
        let folder = repository.appending(path: "docs/errors")
        var pages: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()) where name.hasPrefix("CRL-") {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let heading = String(text.prefix { $0 != "\n" }.drop { $0 == "#" || $0 == " " })
            pages.insert(heading)
            #expect(heading.hasPrefix(name.dropLast(3)), "\(name) has the heading of another code")
            for part in ["**What happened**", "**Why**", "**What to do**"] {
                #expect(text.contains(part), "\(name) has no part \(part)")
            }
        }
        #expect(codes.subtracting(pages).sorted() == [], "codes without a page")
        #expect(pages.subtracting(codes).sorted() == [], "pages without a code")
    }

    private func declarations() throws -> [Declaration] {
        let files = FileManager.default.enumerator(
            at: repository.appending(path: "Host"), includingPropertiesForKeys: nil)
        var found: [Declaration] = []
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /ErrorCode\(\s*(\d+),\s*"([a-z0-9_]+)"\s*\)/) {
                found.append(Declaration(number: try #require(Int(match.1)), name: String(match.2)))
            }
        }
        return found
    }
}

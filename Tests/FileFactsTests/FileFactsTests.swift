// SPDX-License-Identifier: Apache-2.0

import FileFacts
import Testing

/// What corral/file-facts finds in bytes, fed whole and in pieces.
struct FileFactsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var encoding: String
        var endings: String
        var lines: UInt64
        var blank: UInt64
        var longest: UInt64

        init(
            _ name: String, _ bytes: [UInt8], _ encoding: String, _ endings: String, _ numbers: (UInt64, UInt64, UInt64)
        ) {
            self.name = name
            self.bytes = bytes
            self.encoding = encoding
            self.endings = endings
            (lines, blank, longest) = numbers
        }

        var testDescription: String { name }
    }

    static let cases = [
        Case("nothing", [], "empty", "none", (0, 0, 0)),
        Case("no ending", Array("abc".utf8), "ascii", "none", (1, 0, 3)),
        Case("unix", Array("a\n\n \tbc\n  \n".utf8), "ascii", "lf", (4, 2, 4)),
        Case("windows", Array("a\r\nbc\r\n".utf8), "ascii", "crlf", (2, 0, 2)),
        Case("old mac", Array("a\rbc\r\rd".utf8), "ascii", "cr", (4, 1, 2)),
        Case("mixed", Array("a\nb\r\nc".utf8), "ascii", "mixed", (3, 0, 1)),
        Case("LF then CR", Array("a\n\r".utf8), "ascii", "mixed", (2, 1, 1)),
        Case("umlauts", Array("größe\n".utf8), "utf-8", "lf", (1, 0, 7)),
        Case("mark", [0xEF, 0xBB, 0xBF] + Array("ab\n".utf8), "utf-8-bom", "lf", (1, 0, 2)),
        Case("mark only", [0xEF, 0xBB, 0xBF], "utf-8-bom", "none", (0, 0, 0)),
        Case("latin-1", [0x67, 0x72, 0xF6, 0xDF, 0x65], "unknown-8bit", "none", (1, 0, 5)),
        Case("cut sequence", [0xE2, 0x82], "unknown-8bit", "none", (1, 0, 2)),
        Case("overlong", [0xC0, 0xAF], "unknown-8bit", "none", (1, 0, 2)),
        Case("surrogate", [0xED, 0xA0, 0x80], "unknown-8bit", "none", (1, 0, 3)),
        Case("past the end", [0xF4, 0x90, 0x80, 0x80], "unknown-8bit", "none", (1, 0, 4)),
        Case("UTF-16", [0xFF, 0xFE, 0x61, 0], "utf-16le", "none", (1, 0, 4)),
        Case("UTF-16, other way", [0xFE, 0xFF, 0, 0x61], "utf-16be", "none", (1, 0, 4)),
        Case("UTF-32", [0xFF, 0xFE, 0, 0], "utf-32le", "none", (1, 0, 4)),
        Case("program", [0x7F, 0x45, 0x4C, 0x46, 0, 0x0A], "binary", "lf", (1, 0, 5)),
    ]

    private func facts(_ bytes: [UInt8], pieces size: Int) -> file_facts {
        var facts = file_facts()
        file_facts_begin(&facts)
        var at = 0
        while at < bytes.count {
            let end = min(at + size, bytes.count)
            Array(bytes[at..<end]).withUnsafeBufferPointer { file_facts_add(&facts, $0.baseAddress, $0.count) }
            at = end
        }
        file_facts_end(&facts)
        return facts
    }

    @Test(arguments: cases)
    func saysWhatAFileIs(file: Case) {
        for size in [1, 2, 3, 4096] {
            var found = facts(file.bytes, pieces: size)
            #expect(String(cString: file_facts_encoding(&found)) == file.encoding)
            #expect(String(cString: file_facts_endings(&found)) == file.endings)
            #expect(found.bytes == UInt64(file.bytes.count))
            #expect([found.lines, found.blank_lines, found.longest_line] == [file.lines, file.blank, file.longest])
        }
    }

    @Test func countsNoLinesWhereBytesAreNoCharacters() {
        for file in Self.cases {
            var found = facts(file.bytes, pieces: 8)
            let hasLines =
                !file.encoding.hasPrefix("utf-16") && !file.encoding.hasPrefix("utf-32") && file.encoding != "binary"
            #expect((file_facts_has_lines(&found) == 1) == hasLines)
        }
    }

    private func find(_ json: String) -> (reference: String, name: String?)? {
        var reference = file_facts_text()
        var name = file_facts_text()
        var json = json
        return json.withUTF8 { bytes in
            guard file_facts_find_input(bytes.baseAddress, bytes.count, &reference, &name) == 1 else { return nil }
            return (string(reference) ?? "", string(name))
        }
    }

    private func string(_ text: file_facts_text) -> String? {
        text.data.map { String(decoding: UnsafeBufferPointer(start: $0, count: text.size), as: UTF8.self) }
    }

    @Test(arguments: [
        #"{"file":{"$artifact":"sha256:ab","name":"a.txt"}}"#,
        #" { "x" : [1,{"file":2},"]"] , "file" : { "name" : "a.txt" , "bytes" : 3 , "$artifact" : "sha256:ab" } } "#,
        #"{"file":{"other":{"$artifact":"no"},"$artifact":"sha256:ab","name":"a.txt"},"y":null}"#,
    ])
    func findsTheFileInItsInput(json: String) throws {
        let found = try #require(find(json))
        #expect(found == ("sha256:ab", "a.txt"))
    }

    @Test func keepsTheNameAsItStands() {
        #expect(find(#"{"file":{"$artifact":"r","name":"a\"b\\"}}"#)?.name == #"a\"b\\"#)
        #expect(find(#"{"file":{"$artifact":"r","name":""}}"#)?.name == "")
        #expect(find(#"{"file":{"$artifact":"r"}}"#)?.name == nil)
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "null", #"{"file":null}"#, #"{"file":{}}"#, #"{"file":{"$artifact":5}}"#,
        #"{"file":{"$artifact":""}}"#, #"{"files":{"$artifact":"r"}}"#, #"{"file":{"$artifact":"r}"#,
        #"{"file":{"$artifact":"r"}"#, #"{"x":,"file":{"$artifact":"r"}}"#, #"{"file":{"$artifact":"r\"#,
    ])
    func refusesInputWithoutAFile(json: String) {
        #expect(find(json) == nil)
    }

    @Test func boundsNesting() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(find(#"{"x":\#(deep)"#) == nil)
    }
}

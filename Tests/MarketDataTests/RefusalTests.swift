// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import MarketData

@Suite struct RefusalTests {
    @Test func refusesFilesWithoutPrices() throws {
        #expect(try refusal("") == "the price file is empty")
        #expect(try refusal(" \r\n\n") == "the price file is empty")
        #expect(try refusal("# nothing\n") == "the price file is empty")
        #expect(try refusal("Date,Close\n").hasPrefix("no usable rows: 0 rows read"))
        #expect(
            try refusal("Date,Close\nx,1\n")
                == #"no usable rows: 1 row read, none can be used; line 2: "x" is not a date"#)
        #expect(try refusal("a,b\n1,2\n") == #"found no date column among "a", "b""#)
        #expect(try refusal("Date,Name\n2024-01-01,x\n") == #"found no close column among "Date", "Name""#)
        #expect(try refusal("just words").hasPrefix("found no date column"))
    }

    @Test func refusesWhatIsNotText() throws {
        #expect(try refusal([0x89, 0x50, 0x4E, 0x47, 0, 1]) == "the price file is not text: byte 0 at offset 4")
        #expect(try refusal([0x50, 0x4B, 3, 4]) == "the price file is not text: byte 3 at offset 2")
    }

    @Test func namesTheQuoteThatNeverCloses() throws {
        #expect(
            try refusal("Date,Close\n2024-01-02,1\n\"2024-01-03,1\n") == "the quote opened on line 3 is never closed")
    }

    @Test func refusesDamagedGzip() throws {
        let packed = gzip(Array("Date,Close\n2024-01-02,1\n".utf8))
        var flipped = packed
        flipped[packed.count - 6] ^= 1
        #expect(try refusal(Array(packed.dropLast(3))) == "cannot unpack the gzip file: it is cut short")
        #expect(try refusal(Array(packed.prefix(2))) == "cannot unpack the gzip file: it is cut short")
        #expect(
            try refusal(packed + [1, 2]) == "cannot unpack the gzip file: 2 bytes of something else follow the end")
        #expect(try refusal(flipped) == "cannot unpack the gzip file: incorrect data check")
    }

    @Test func boundsWhatGzipUnpacksTo() throws {
        let bomb = gzip([UInt8](repeating: 32, count: MarketDataErrors.bytesMax + 1))
        #expect(bomb.count < 100_000)
        #expect(try refusal(bomb).hasPrefix("the gzip file unpacks to more than"))
    }

    @Test func boundsTheWidthOfALine() throws {
        let commas = String(repeating: ",", count: 100_000)
        #expect(try refusal("Date,Close\n\(commas)") == "line 2 has more than 4,000 cells")
    }

    @Test func boundsTheMessage() throws {
        let header = (0..<3_000).map { "column\($0)" + String(repeating: "x", count: 200) }.joined(separator: ",")
        #expect(try refusal(header + "\n1,2\n").utf8.count < 2_000)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import MarketData

@Suite struct RealFileTests {
    @Test func readsTwentyYearsOfYahooPrices() throws {
        let history = try PriceFile.read(Sample.sp500(), .init(symbol: "S&P 500"))
        #expect(history.symbol == "S&P 500")
        #expect(history.count == 5_031)
        #expect((history.first, history.last) == ("1999-01-04", "2018-12-31"))
        #expect(history.interval == "daily")
        #expect(history.bars.close.last == 2506.850098)
        #expect(history.bars.volume?.last == 3_442_870_000)
        #expect(history.quality.rows.total == 5_031 && history.quality.issuesTotal == 0)
        #expect(history.quality.dateOrder.contains("month first"))
    }

    @Test func findsTheWeekTheExchangeWasClosed() throws {
        let gaps = try PriceFile.read(Sample.sp500()).quality.gaps
        let september2001 = try #require(gaps.listed.first { $0.after == "2001-09-10" })
        #expect(september2001.before == "2001-09-17" && september2001.missing == 4)
        // Every weekday without a row: 5,216 Mondays to Fridays from 1999-01-04 to 2018-12-31, less 5,031 rows.
        #expect(gaps.missing == 5_216 - 5_031)
    }

    @Test func takesTheOnlyNumbersAsTheClose() throws {
        let history = try PriceFile.read(Sample.fixture("vix-daily.csv"), .init(symbol: "VIX"))
        #expect(history.bars.open == nil && history.bars.volume == nil)
        #expect(history.bars.close.first == 13.76 && history.last == "2019-01-03")
        #expect(history.quality.columns.close == "vix")
        #expect(history.quality.rows.total == history.quality.rows.used + history.quality.rows.bad)
        #expect(history.quality.notes.contains { $0.contains("no column for open, high, low") })
    }

    @Test func filtersTheLongFormatBySymbol() throws {
        let bytes = try Sample.fixture("us-stocks-monthly-2000-2010.csv")
        let history = try PriceFile.read(bytes, .init(symbol: "aapl"))
        #expect(history.symbol == "AAPL" && history.interval == "monthly" && history.count == 123)
        #expect(history.bars.close.last == 223.02)
        #expect(history.quality.rows.otherSymbols == history.quality.rows.total - 123)
    }

    @Test func listsTheSymbolsThatExist() throws {
        let bytes = try Sample.fixture("us-stocks-monthly-2000-2010.csv")
        let names = #""MSFT", "AMZN", "IBM", "GOOG", "AAPL""#
        #expect(try refusal(bytes, .init(symbol: "TSLA")) == #"no row is for symbol "TSLA"; the file has \#(names)"#)
        #expect(try refusal(bytes) == "the file holds several symbols; the file has \(names)")
    }

    @Test func unpackedAndPackedFilesReadAlike() throws {
        let plain = try Sample.sp500()
        let half = plain.count / 2
        let members = gzip(Array(plain[..<half])) + gzip(Array(plain[half...]))
        #expect(try PriceFile.read(gzip(plain)).bars == PriceFile.read(plain).bars)
        #expect(try PriceFile.read(members).bars == PriceFile.read(plain).bars)
    }
}

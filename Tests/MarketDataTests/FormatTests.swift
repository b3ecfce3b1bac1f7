// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import MarketData

@Suite struct FormatTests {
    /// Two or more bars in a custom that somebody ships, and what they mean.
    struct Format: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let first: String
        let close: Double
        var testDescription: String { name }
    }

    static let formats: [Format] = [
        Format(name: "iso", text: "date,close\n2024-01-31,5.5\n2024-02-01,6\n", first: "2024-01-31", close: 5.5),
        Format(name: "unnamedIndex", text: ",Close\n2024-01-31,5.5\n2024-02-01,6", first: "2024-01-31", close: 5.5),
        Format(
            name: "pandasIndex", text: "Unnamed: 0,Close\n2024-01-31,5.5\n2024-02-01,6", first: "2024-01-31", close: 5.5
        ),
        Format(
            name: "germanSemicolons",
            text: "Datum;Erster;Hoch;Tief;Schlusskurs;Volumen\n"
                + "31.01.2024;1.234,5;1.240,0;1.230,25;1.236,75;1.000.000\n01.02.2024;1,5;2,5;1,25;2,25;5\n",
            first: "2024-01-31", close: 1236.75),
        Format(
            name: "nasdaqDollars",
            text: "Date,Close/Last,Volume,Open,High,Low\n"
                + "02/02/2024,$185.85,102551700,$179.86,$187.33,$179.25\n01/31/2024,$184.40,1,$183,$185,$182\n",
            first: "2024-01-31", close: 184.40),
        Format(
            name: "investing",
            text: "\u{FEFF}\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n"
                + "\"Feb 01, 2024\",\"4,906.19\",\"4,861.11\",\"4,906.97\",\"4,853.52\",\"2.5B\",\"1.25%\"\n"
                + "\"Jan 31, 2024\",\"4,845.65\",\"4,899.19\",\"4,906.75\",\"4,845.15\",\"\",\"-1.61%\"\n",
            first: "2024-01-31", close: 4845.65),
        Format(
            name: "alphaVantage",
            text: "timestamp,1. open,2. high,3. low,4. close,5. volume\r\n"
                + "2024-02-01,1,3,1,2,5\r\n2024-01-31,1,3,1,2.5,5\r\n", first: "2024-01-31", close: 2.5),
        Format(
            name: "metaTrader",
            text: "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\n"
                + "2024.01.31\t09:00:00\t1\t3\t1\t2\n2024.01.31\t10:00:00\t1\t3\t1\t2\n",
            first: "2024-01-31T09:00:00", close: 2),
        Format(
            name: "stooqHours", text: "Date,Time,Close\n20240131,93000,2\n20240131,103000,2.5\n",
            first: "2024-01-31T09:30:00", close: 2),
        Format(
            name: "yahooMidnightWithZone",
            text: "Date,Close\n2024-01-31 00:00:00-05:00,2\n2024-02-01 00:00:00-05:00,3\n",
            first: "2024-01-31", close: 2),
        Format(
            name: "hourlyZulu", text: "Datetime,Close\n2024-01-31T14:00:00Z,2\n2024-01-31T15:00:00Z,3\n",
            first: "2024-01-31T14:00:00Z", close: 2),
        Format(
            name: "unixMilliseconds", text: "Open time,Close\n1706659200000,2\n1706745600000,3\n",
            first: "2024-01-31", close: 2),
        Format(
            name: "afternoons", text: "Date|Last\n1/31/2024 1:30 PM|2\n1/31/2024 1:45 PM|3\n",
            first: "2024-01-31T13:30:00", close: 2),
        Format(
            name: "noHeader", text: "2024-01-31,1,3,1,2,100\n2024-02-01,1,3,1,2,100\n", first: "2024-01-31", close: 2),
        Format(
            name: "bannerAndComments",
            text: "Prices of ACME Inc.\n\n# source: a friend\nDate,Close\n31 Jan 2024,2\n1-Feb-24,3\n",
            first: "2024-01-31", close: 2),
        Format(
            name: "yfinanceThreeHeaders",
            text: "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\n"
                + "Date,,,,,\n2024-01-31,2,3,1,1,100\n2024-02-01,2,3,1,1,100\n", first: "2024-01-31", close: 2),
        Format(
            name: "excelHint", text: "sep=;\nDate;Close\n2024-01-31;2\n2024-02-01;3\n", first: "2024-01-31", close: 2),
        Format(name: "oldMacLines", text: "Date,Close\r2024-01-31,2\r2024-02-01,3\r", first: "2024-01-31", close: 2),
        Format(
            name: "adjustedOnly", text: "Date,Adj Close\n2024-01-31,2\n2024-02-01,3\n", first: "2024-01-31", close: 2),
        Format(
            name: "spacedThousands", text: "Date;Close\n2024-01-31;12 345,50\n2024-02-01;12 400,00\n",
            first: "2024-01-31",
            close: 12345.5),
    ]

    @Test(arguments: formats) func readsWhatPeopleHave(_ format: Format) throws {
        let history = try history(format.text)
        #expect(history.count == 2 && history.quality.rows.bad == 0 && history.quality.rows.impossible == 0)
        #expect(history.first == format.first)
        #expect(history.bars.close.first == format.close)
    }

    @Test func readsUTF16() throws {
        let units = Array("Date\tClose\n2024-01-31\t2\n".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        #expect(try PriceFile.read([0xFF, 0xFE] + units).bars.close == [2])
    }

    @Test func choosesTheTickerOfAWideYahooTable() throws {
        let text = "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n2024-01-31,2,400\n2024-02-01,3,401\n"
        #expect(try history(text, .init(symbol: "MSFT")).bars.close == [400, 401])
        #expect(try refusal(text, .init(symbol: "IBM")).contains(#""AAPL", "MSFT""#))
    }

    @Test func obeysNamedColumns() throws {
        let text = "when,bid,ask\n2024-01-31,2,3\n2024-02-01,4,5\n"
        #expect(try refusal(text) == #"found no close column among "when", "bid", "ask""#)
        #expect(try history(text, .init(columns: ColumnNames(close: "ask"))).bars.close == [3, 5])
        #expect(try refusal(text, .init(columns: ColumnNames(close: "aks"))).contains(#"no column is named "aks""#))
    }

    @Test func countsSuffixedVolumes() throws {
        let history = try history("Date,Close,Vol.\n2024-01-31,2,1.5M\n2024-02-01,2,-\n")
        #expect(history.bars.volume == [1_500_000, nil])
        #expect(history.quality.notes.contains("1 used row had no volume; the value is null there."))
    }
}

// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@Suite struct FiguresTests {
    @Test func writesNumbersForPeople() {
        #expect(Figures.fixed(2506.850098) == "2,506.85" && Figures.fixed(-0.004) == "0.00")
        #expect(Figures.fixed(-1234567.5, 1) == "−1,234,567.5" && Figures.fixed(.nan) == "n/a")
        #expect(Figures.price(0) == "0.00")
        #expect(Figures.price(0.0123) == "0.0123" && Figures.price(0.00001234) == "0.00001234")
        #expect(Figures.percent(0.0123, signed: true) == "+1.2%" && Figures.percent(-0.5) == "−50.0%")
        #expect(Figures.percent(0.00001, signed: true) == "0.0%")
        #expect(Figures.amount(3_442_870_000) == "3.44 billion" && Figures.amount(12) == "12")
        #expect(Figures.short(250_000) == "250K" && Figures.short(1.5e9) == "1.5B")
        #expect(Figures.count(1, "row") == "1 row" && Figures.count(5031, "row") == "5,031 rows")
        #expect(Figures.fixed(1e300) == "1e+300")
    }

    @Test func namesTheFlawOfBars() {
        var bars = Bars(symbol: "X", interval: "daily", date: ["2024-01-02"], close: [1])
        #expect(bars.flaw == nil)
        bars.high = [1, 2]
        #expect(bars.flaw == #"column "high" has 2 values and "close" has 1"#)
        bars.high = [-1]
        #expect(bars.flaw == #""high" of row 0 (2024-01-02) is -1.0, which is not a price"#)
        bars = Bars(symbol: "X", interval: "daily", date: [], close: [])
        #expect(bars.flaw == "the bars are empty")
    }
}

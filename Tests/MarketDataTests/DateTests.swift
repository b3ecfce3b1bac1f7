// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import MarketData

@Suite struct DateTests {
    @Test func provesDayFirstByALargeFirstNumber() throws {
        let history = try history("Date,Close\n01/02/2024,1\n13/02/2024,2\n")
        #expect(history.bars.date == ["2024-02-01", "2024-02-13"])
        #expect(history.quality.dateOrder == "Dates were read day first: 1 date proves it.")
    }

    @Test func letsTheOrderOfRowsDecideAmbiguousDates() throws {
        // Month first these are sorted; day first they jump from October back to April.
        let history = try history("Date,Close\n4/10/2024,1\n5/4/2024,2\n6/3/2024,3\n7/5/2024,4\n")
        #expect(history.first == "2024-04-10")
        #expect(history.quality.dateOrder.contains("so the rows are in order"))
    }

    @Test func saysWhenOnlyCustomDecides() throws {
        let slashes = try history("Date,Close\n3/3/2024,1\n")
        let dots = try history("Date,Close\n3.4.2024,1\n")
        #expect(slashes.quality.dateOrder.contains("month first by custom"))
        #expect(dots.first == "2024-04-03" && dots.quality.dateOrder.contains("day first by custom"))
    }

    @Test func obeysTheCaller() throws {
        let text = "Date,Close\n3/4/2024,1\n3/5/2024,1\n"
        #expect(try history(text, .init(dateOrder: .dayFirst)).first == "2024-04-03")
        #expect(try history(text, .init(dateOrder: .monthFirst)).first == "2024-03-04")
    }

    @Test func listsDatesThatContradictTheMajority() throws {
        let history = try history("Date,Close\n1/13/2024,1\n1/14/2024,1\n14/1/2024,1\n")
        #expect(history.count == 2)
        #expect(history.quality.issues.map(\.line) == [4])
        #expect(history.quality.issues[0].reason == #""14/1/2024" is not a date"#)
    }

    @Test(arguments: [
        "2024-02-30", "2024-13-01", "0000-01-01", "2024---01-01", "2024-01-01T25:00", "2024-01-01 10:00 Moon",
        "tomorrow",
        "99999999999999999999", "1/2", "32/1/2024", "2024-01-01 13:00 PM", "Jan", "2024-01-01T10", "12",
    ]) func refusesWhatIsNoDate(_ text: String) {
        let order = DateOrder(choice: .monthFirst, reason: "")
        #expect(DateText.read(text).flatMap(order.resolve) == nil)
    }

    @Test func dayNumbersRoundTripOverAllYears() throws {
        for ordinal in stride(from: -719_162, through: 2_932_896, by: 97) {
            let date = try #require(CivilDate(ordinal: ordinal))
            #expect(date.ordinal == ordinal && CivilDate(iso: date.iso) == date)
        }
        #expect(CivilDate(iso: "2024-02-29")?.weekday == 3)
        #expect(CivilDate(iso: "1970-01-01")?.ordinal == 0)
        #expect(CivilDate(ordinal: 2_932_897) == nil)
    }

    @Test func ordersZonedTimesByTheInstant() throws {
        let history = try history("Date,Close\n2024-01-31T10:00:00+02:00,1\n2024-01-31T10:00:00+01:00,2\n")
        #expect(history.interval == "hourly" && history.quality.rows.disordered == 0)
        #expect(history.bars.date == ["2024-01-31T10:00:00+02:00", "2024-01-31T10:00:00+01:00"])
    }
}

// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import ReportWriter

@Suite struct ChartTests {
    @Test func thinningKeepsTheExtremes() {
        var values = [Double?](repeating: 10, count: 5_000)
        (values[1_234], values[4_321]) = (1, 99)
        let points = Downsample.extremes(values, buckets: 100)
        #expect(points.count <= 400)
        #expect(points.contains(.init(bar: 1_234, value: 1)) && points.contains(.init(bar: 4_321, value: 99)))
        #expect(points.first?.bar == 0 && points.last?.bar == 4_999)
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.bar < $1.bar })
    }

    @Test func shortSeriesAreNotThinned() {
        #expect(Downsample.extremes([1, nil, 3], buckets: 100) == [.init(bar: 0, value: 1), .init(bar: 2, value: 3)])
    }

    @Test func ticksStandAtRoundNumbers() {
        #expect(
            ValueAxis([2_351, 2_930], scale: .linear, includesZero: false).ticks(about: 5) == [2_400, 2_600, 2_800])
        #expect(ValueAxis([0, 7.6e9], scale: .linear, includesZero: true).ticks(about: 3) == [0, 5e9])
        let record = ValueAxis([676, 2_930], scale: .logarithmic, includesZero: false)
        #expect(record.isLogarithmic && record.ticks(about: 7) == [700, 1_000, 1_500, 2_000, 2_500, 3_000])
        #expect(ValueAxis([5, 5], scale: .linear, includesZero: false).ticks(about: 4).count >= 2)
        #expect(ValueAxis([], scale: .logarithmic, includesZero: false).ticks(about: 4).count < 10)
    }

    @Test func timeTicksNameMonthsAndYears() throws {
        let start = try #require(CivilDate(iso: "2017-12-18")).ordinal
        let days = (0..<378).compactMap { CivilDate(ordinal: start + $0)?.iso }
        #expect(TimeAxis(days, about: 9).ticks.map(\.label) == ["2018", "Mar", "May", "Jul", "Sep", "Nov"])
        let years = (1999...2018).map { "\($0)-06-30" }
        #expect(TimeAxis(years, about: 9).ticks.map(\.label).first == "2000")
        let hours = (9...16).map { "2024-01-31T\($0 < 10 ? "0" : "")\($0):30:00" }
        #expect(TimeAxis(hours, about: 9).ticks.map(\.label).first == "09:30")
        #expect(TimeAxis(["x", "y"], about: 5).ticks.isEmpty)
    }

    @Test func brokenLinesStayBroken() {
        let chart = Chart(
            name: "a", title: "A", description: "", dates: ["1", "2", "3", "4", "5"],
            layers: [.line(name: "L", style: "price", values: [1, 2, nil, 4, 5])], format: { "\($0)" }, tableRows: [])
        let svg = ChartRenderer(chart, .wide).svg()
        #expect(svg.matches(of: /class="line price"/).count == 2)
    }

    @Test func coordinatesAreTenthsOfAPixel() {
        #expect(
            ChartRenderer.number(1.25) == "1.3" && ChartRenderer.number(-0.04) == "0"
                && ChartRenderer.number(-2.5) == "-2.5")
        #expect(ChartRenderer.number(.nan) == "0" && ChartRenderer.number(1e12) == "0")
    }

    @Test func picturesStaySmallHoweverLongTheSeries() {
        let values = (0..<100_000).map { Double?(Double($0 % 977) - 400) }
        let layers: [Chart.Layer] = [
            .columns(name: "C", up: "up", down: "down", values: values),
            .line(name: "L", style: "price", values: values), .area(name: "A", style: "fall", values: values),
        ]
        let chart = Chart(
            name: "a", title: "A", description: "", dates: values.indices.map { "\($0)" }, layers: layers,
            format: { "\($0)" }, tableRows: [])
        #expect(ChartRenderer(chart, .wide).svg().utf8.count < 100_000)
    }
}

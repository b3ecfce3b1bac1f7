// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Draws a chart as SVG at one size. Colours are classes, so that light, dark and paper share one picture.
struct ChartRenderer {
    struct Size {
        let suffix: String
        let width: Double
        let heightFactor: Double
        let buckets: Int
        let ticks: Int

        /// Drawn in CSS pixels at two widths: one picture scaled down to a phone would have letters of 6 pixels.
        static let wide = Size(suffix: "wide", width: 860, heightFactor: 1, buckets: 280, ticks: 9)
        static let narrow = Size(suffix: "narrow", width: 372, heightFactor: 0.82, buckets: 130, ticks: 5)
    }

    private let chart: Chart
    private let size: Size
    private let axis: ValueAxis
    private let plotWidth: Double
    private let plotHeight: Double

    private static let top = 10.0
    private static let bottom = 24.0
    private static let right = 58.0

    init(_ chart: Chart, _ size: Size) {
        self.chart = chart
        self.size = size
        let values = chart.layers.flatMap(\.columns).flatMap(\.values).compactMap(\.self)
        axis = ValueAxis(values, scale: chart.scale, includesZero: chart.includesZero)
        plotWidth = size.width - Self.right
        plotHeight = (chart.height * size.heightFactor).rounded() - Self.top - Self.bottom
    }

    func svg() -> String {
        let height = plotHeight + Self.top + Self.bottom
        let id = "\(chart.name)-\(size.suffix)"
        var parts = [
            "<svg class=\"chart \(size.suffix)\" role=\"img\" "
                + "viewBox=\"0 0 \(Self.number(size.width)) \(Self.number(height))\" "
                + "aria-labelledby=\"\(id)-t \(id)-d\">",
            "<title id=\"\(id)-t\">\(HTMLText.escape(chart.title))</title>",
            "<desc id=\"\(id)-d\">\(HTMLText.escape(chart.description))</desc>",
        ]
        let label = lastLabel()
        parts += grid(avoiding: label?.y)
        parts += chart.layers.map(draw)
        if let label { parts.append(label.svg) }
        return (parts + ["</svg>"]).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    // MARK: Grid

    private func grid(avoiding labelY: Double?) -> [String] {
        let count = max(2, Int(plotHeight / 38))
        let values = chart.marks.isEmpty ? axis.ticks(about: count) : chart.marks.map(\.value)
        var parts = values.map { value in
            let line = y(value)
            let style = !chart.marks.isEmpty || value == 0 ? "grid mark" : "grid"
            let text = chart.marks.first { $0.value == value }?.label ?? chart.format(value)
            let isHidden = labelY.map { abs($0 - line) < 13 } ?? false
            return "<line class=\"\(style)\" x1=\"0\" x2=\"\(Self.number(plotWidth))\" y1=\"\(Self.number(line))\" "
                + "y2=\"\(Self.number(line))\"/>"
                + (isHidden ? "" : Self.text("tick", plotWidth + 6, line + 4, text))
        }
        for tick in timeTicks() {
            let anchor = tick.x < 14 ? "start" : tick.x > plotWidth - 14 ? "end" : "middle"
            parts.append(
                "<line class=\"grid\" x1=\"\(Self.number(tick.x))\" x2=\"\(Self.number(tick.x))\" "
                    + "y1=\"\(Self.number(Self.top + plotHeight))\" y2=\"\(Self.number(Self.top + plotHeight + 4))\"/>"
                    + Self.text("tick \(anchor)", tick.x, Self.top + plotHeight + 18, tick.label))
        }
        return parts
    }

    /// Labels that would touch the one before are left out.
    private func timeTicks() -> [(x: Double, label: String)] {
        var shown: [(x: Double, label: String)] = []
        for tick in TimeAxis(chart.dates, about: size.ticks).ticks {
            let place = x(tick.bar)
            if let last = shown.last, place - last.x < 42 { continue }
            shown.append((place, tick.label))
        }
        return shown
    }

    /// The newest value, written where the line ends.
    private func lastLabel() -> (svg: String, y: Double)? {
        guard
            let index = chart.labelsLastOf, chart.layers.indices.contains(index),
            let values = chart.layers[index].columns.first?.values,
            let bar = values.lastIndex(where: { $0 != nil }), let value = values[bar]
        else { return nil }
        let place = y(value)
        let dot = "<circle class=\"last\" cx=\"\(Self.number(x(bar)))\" cy=\"\(Self.number(place))\" r=\"3\"/>"
        return (dot + Self.text("tick strong", plotWidth + 6, place + 4, chart.format(value)), place)
    }

    // MARK: Layers

    private func draw(_ layer: Chart.Layer) -> String {
        switch layer {
        case .line(_, let style, let values):
            return runs(values).map { "<path class=\"line \(style)\" d=\"\(path($0))\"/>" }.joined()
        case .band(_, let style, let upper, let lower):
            guard let above = runs(upper).last, let below = runs(lower).last else { return "" }
            let back = below.reversed().map { "L\(Self.number(x($0.bar))) \(Self.number(y($0.value)))" }.joined()
            return "<path class=\"fill \(style)\" d=\"\(path(above))\(back)Z\"/>"
        case .area(_, let style, let values):
            guard let run = runs(values).last, let first = run.first, let last = run.last else { return "" }
            let base = Self.number(y(0))
            let outline = path(run)
            return "<path class=\"fill \(style)\" d=\"\(outline)L\(Self.number(x(last.bar))) \(base)"
                + "L\(Self.number(x(first.bar))) \(base)Z\"/><path class=\"line \(style)\" d=\"\(outline)\"/>"
        case .columns(_, let up, let down, let values):
            return columns(values.map { $0.flatMap { $0 >= 0 ? $0 : nil } }, up)
                + columns(values.map { $0.flatMap { $0 < 0 ? $0 : nil } }, down)
        }
    }

    /// One path for all columns of a style: thousands of rectangles would be thousands of elements.
    private func columns(_ values: [Double?], _ style: String) -> String {
        let base = y(0)
        let points = Downsample.extremes(values, buckets: size.buckets)
        guard !points.isEmpty else { return "" }
        let width = max(0.6, plotWidth / Double(max(1, values.count)) * 0.7)
        let bars = points.map { "M\(Self.number(x($0.bar))) \(Self.number(base))V\(Self.number(y($0.value)))" }
        return "<path class=\"columns \(style)\" stroke-width=\"\(Self.number(width))\" d=\"\(bars.joined())\"/>"
    }

    /// Unbroken stretches, thinned to the size.
    private func runs(_ values: [Double?]) -> [[Downsample.Point]] {
        let points = Downsample.extremes(values, buckets: size.buckets)
        guard values.contains(where: { $0 == nil }) else { return [points] }
        var runs: [[Downsample.Point]] = []
        for point in points {
            if let last = runs.last?.last, values[last.bar...point.bar].allSatisfy({ $0 != nil }) {
                runs[runs.count - 1].append(point)
            } else {
                runs.append([point])
            }
        }
        return runs
    }

    private func path(_ points: [Downsample.Point]) -> String {
        points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(Self.number(x(point.bar))) \(Self.number(y(point.value)))"
        }.joined()
    }

    // MARK: Places

    private func x(_ bar: Int) -> Double {
        let count = chart.dates.count
        guard count > 1 else { return plotWidth / 2 }
        // Half a column of room at both ends.
        let room = min(6, plotWidth / Double(count) / 2)
        return room + (plotWidth - 2 * room) * Double(bar) / Double(count - 1)
    }

    private func y(_ value: Double) -> Double { Self.top + plotHeight * (1 - axis.position(value)) }

    private static func text(_ style: String, _ x: Double, _ y: Double, _ text: String) -> String {
        "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\">\(HTMLText.escape(text))</text>"
    }

    /// One decimal is a tenth of a pixel.
    static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e6 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }
}

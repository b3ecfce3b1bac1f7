// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// One number and one sentence out of many signals.
struct Verdict {
    /// Σ weight × strength × direction over Σ weight: −1 to +1.
    let score: Double
    let direction: Analysis.Direction
    /// The weight of the signals that share the direction of the score; a signal that could not be computed
    /// shares nothing.
    let confidence: Double

    static let neutralBelow = 0.15

    init(_ signals: [WeighedSignal]) {
        let votes = signals.map { weighed in
            let sign = weighed.signal.direction == .bullish ? 1.0 : weighed.signal.direction == .bearish ? -1 : 0
            return sign * weighed.weight * weighed.signal.strength
        }
        let weight = signals.map(\.weight).reduce(0, +)
        let score = weight > 0 ? Self.rounded(votes.reduce(0, +) / weight) : 0
        let direction = Self.direction(score)
        let agreeing = signals.filter { $0.signal.direction == direction }.map(\.weight).reduce(0, +)
        self.score = score
        self.direction = direction
        confidence = Self.rounded(min(1, agreeing))
    }

    private static func direction(_ score: Double) -> Analysis.Direction {
        score > neutralBelow ? .bullish : score < -neutralBelow ? .bearish : .neutral
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

    func summary(_ bars: Bars, signals: [Analysis.Signal], absences: [Analysis.Absence]) -> String {
        let date = CalendarText.long(bars.date.last ?? "")
        let price = "\(bars.symbol) closed at \(Figures.price(bars.close.last ?? 0)) on \(date)."
        guard !signals.isEmpty else { return price + " There are too few bars for any indicator." }
        var text = "\(price) \(reading(signals)), a score of \(Figures.fixed(score)) on a scale from −1 to +1."
        if let strongest = signals.filter({ $0.direction != .neutral }).max(by: { $0.strength < $1.strength }) {
            text += " The strongest signal: \(Self.lowercased(strongest.reading))"
        }
        if !absences.isEmpty {
            text += " Not computed: \(absences.map(\.indicator).joined(separator: ", "))."
        }
        return text
    }

    private func reading(_ signals: [Analysis.Signal]) -> String {
        let up = signals.count { $0.direction == .bullish }
        let down = signals.count { $0.direction == .bearish }
        func none(_ count: Int) -> String { count == 0 ? "none" : Figures.grouped(count) }
        let all = Figures.count(signals.count, "signal")
        switch direction {
        case .bullish: return "The indicators point up: \(up) of \(all) bullish, \(none(down)) bearish"
        case .bearish: return "The indicators point down: \(down) of \(all) bearish, \(none(up)) bullish"
        case .neutral: return "The indicators are mixed: of \(all) \(none(up)) bullish, \(none(down)) bearish"
        }
    }

    /// "The close is …" within a sentence; abbreviations keep their capitals.
    private static func lowercased(_ sentence: String) -> String {
        sentence.hasPrefix("The ") ? "t" + sentence.dropFirst() : sentence
    }
}

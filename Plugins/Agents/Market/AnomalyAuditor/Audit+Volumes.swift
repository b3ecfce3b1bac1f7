// SPDX-License-Identifier: Apache-2.0
import MarketBars

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Questions about volume. A busy day is no fault of the data, so most answers are for information.
extension Audit {
    /// Three months of daily bars: what volume is usual changes over the years.
    static let volumeWindow = 63
    /// More zeros than this are a column that means nothing.
    static let zeroShareMax = 0.2

    mutating func checkVolumes() {
        guard let volume = bars.volume, volume.contains(where: { $0 != nil }) else {
            asked("volumes", unless: "the bars have none")
            return
        }
        asked("volumes")
        checkEmptiness(volume)
        let logarithms = volume.map { value in value.flatMap { $0 > 0 && $0 < Bars.priceMax ? log($0) : nil } }
        let scores = RobustScores.trailing(logarithms, window: Self.volumeWindow, least: AuditParameters.windowMin)
        for bar in volume.indices {
            guard let value = volume[bar] else { continue }
            if !(value >= 0 && value < Bars.priceMax) {
                report(bar, .impossibleVolume, .critical, value: value, limit: 0, "a volume of \(value)")
            }
            guard let score = scores[bar], abs(score) > parameters.volume else { continue }
            report(
                bar, score > 0 ? .volumeSpike : .volumeCollapse, .info, value: score, limit: parameters.volume,
                "a volume of \(Figures.amount(value)) is \(Figures.fixed(abs(score), 1)) robust deviations "
                    + "\(score > 0 ? "above" : "below") the usual")
        }
    }

    /// Zero units at a price that changed cannot be; a whole column of zeros says that there is no column.
    private mutating func checkEmptiness(_ volume: [Double?]) {
        let zeros = volume.indices.filter { volume[$0] == 0 }
        guard let last = zeros.last else { return }
        let share = Double(zeros.count) / Double(volume.count)
        if share > Self.zeroShareMax {
            report(
                last, .zeroVolume, .warning, value: share, limit: Self.zeroShareMax,
                "volume is 0 on \(Figures.percent(share, 0)) of the bars")
            return
        }
        for bar in zeros where bar > 0 && bars.close[bar] != bars.close[bar - 1] {
            report(bar, .zeroVolume, .warning, value: 0, limit: 0, "the price changed on a volume of 0")
        }
    }
}

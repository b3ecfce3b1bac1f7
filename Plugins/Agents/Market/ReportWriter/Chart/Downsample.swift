// SPDX-License-Identifier: Apache-2.0

/// Thins a long series to what a screen can show without losing its peaks.
enum Downsample {
    struct Point: Equatable {
        let bar: Int
        let value: Double
    }

    /// Keeps the first, lowest, highest and last value of each of `buckets` equal stretches, in order of time.
    ///
    /// Averages would shave the tops off and make a crash look mild.
    static func extremes(_ values: [Double?], buckets: Int) -> [Point] {
        let points = values.enumerated().compactMap { bar, value in value.map { Point(bar: bar, value: $0) } }
        guard buckets > 0, points.count > buckets * 4 else { return points }
        return (0..<buckets).flatMap { bucket in
            let slice = points[(points.count * bucket / buckets)..<(points.count * (bucket + 1) / buckets)]
            let picks = [
                slice.first, slice.min { $0.value < $1.value }, slice.max { $0.value < $1.value }, slice.last,
            ].compactMap(\.self)
            var kept: [Point] = []
            for point in picks.sorted(by: { $0.bar < $1.bar }) where kept.last?.bar != point.bar { kept.append(point) }
            return kept
        }
    }
}

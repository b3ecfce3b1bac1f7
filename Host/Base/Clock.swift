// SPDX-License-Identifier: Apache-2.0
// Clock and random seams: time and chance are values passed in, so that the engine can be simulated from a seed.

/// Where the host reads time. The system implementation is `CorralSupervision.SystemClock`; tests move their own by hand.
package protocol HostClock: Sendable {
    /// Wall-clock time, nanoseconds since 1970. May jump; only for people and for schedules.
    func wallNanoseconds() -> Int64
    /// CLOCK_MONOTONIC, nanoseconds. Deadlines and durations use only this.
    func monotonicNanoseconds() -> UInt64
}

/// A small, fast, seedable generator (SplitMix64, Steele, Lea and Flood 2014) for jitter and simulation; not for secrets.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

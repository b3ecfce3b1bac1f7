// SPDX-License-Identifier: Apache-2.0
// Gates: bounds on what a worker can make people read: so many lines a second, so long, and no control characters.

import CorralBase

/// Lets so many through in each second and counts the rest.
struct RateGate {
    let perSecond: Int
    private var second: UInt64 = 0
    private var passed = 0
    private(set) var dropped = 0

    init(perSecond: Int) { self.perSecond = perSecond }

    mutating func passes(at now: UInt64) -> Bool {
        let current = now / 1_000_000_000
        if current != second {
            second = current
            passed = 0
        }
        guard passed < perSecond else {
            dropped += 1
            return false
        }
        passed += 1
        return true
    }

    /// How many were dropped since the last time this was asked; 0 while the flood lasts.
    mutating func takeDropped(at now: UInt64) -> Int {
        guard dropped > 0, now / 1_000_000_000 != second else { return 0 }
        return takeAllDropped()
    }

    mutating func takeAllDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}

/// Holds a stream to so many units a second on average. It never drops: it says how long to leave the rest unread, so that
/// whoever sends too fast waits in its own writes.
struct PaceGate {
    /// A burst of a tenth of a second's allowance goes through without a pause.
    private static let burstNanoseconds: UInt64 = 100_000_000

    private let unitNanoseconds: UInt64
    /// When what has been let through so far is paid for.
    private var paidAt: UInt64 = 0

    init(perSecond: Int) { unitNanoseconds = 1_000_000_000 / UInt64(max(1, perSecond)) }

    /// - Returns: nanoseconds to pause, 0 for none.
    mutating func pause(after units: Int, at now: UInt64) -> UInt64 {
        paidAt = max(paidAt, now) &+ UInt64(max(0, units)) &* unitNanoseconds
        let owed = paidAt &- now
        return owed > PaceGate.burstNanoseconds ? owed &- PaceGate.burstNanoseconds : 0
    }
}

/// Bytes of a pipe → lines, each at most `Limits.logLineBytesMax`; the rest of a longer one is dropped with a mark.
struct LineSplitter {
    private var line: [UInt8] = []
    private var isCut = false

    mutating func append(_ bytes: some Sequence<UInt8>, _ emit: (String) -> Void) {
        for byte in bytes {
            if byte == 0x0A {
                finish(emit)
            } else if line.count < Limits.logLineBytesMax {
                line.append(byte)
            } else {
                isCut = true
            }
        }
    }

    /// Emits what is there, also without a line break.
    mutating func finish(_ emit: (String) -> Void) {
        if !line.isEmpty { emit(printable(String(decoding: line, as: UTF8.self)) + (isCut ? " … (cut)" : "")) }
        line.removeAll(keepingCapacity: true)
        isCut = false
    }
}

/// The text with control characters and direction overrides escaped, cut to a log line's length: what a plugin writes
/// must not move the cursor, colour the terminal or pose as another line.
func printable(_ text: String) -> String {
    if text.utf8.count <= Limits.logLineBytesMax, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var shown = ""
    var bytes = 0
    for scalar in text.unicodeScalars {
        guard bytes < Limits.logLineBytesMax else { return shown + " … (cut)" }
        bytes += UTF8.width(scalar)
        if isHarmful(scalar) {
            shown += scalar == "\n" ? "\\n" : scalar == "\t" ? "\\t" : "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

private func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
}

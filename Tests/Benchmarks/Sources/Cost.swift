// SPDX-License-Identifier: Apache-2.0
// Cost: counters of this process that do not depend on how busy the machine is, beside the time, which does.

import CFloor
import CorralSupervision
import Foundation

struct Cost {
    var nanoseconds: UInt64
    var flushes: UInt64
    /// Bytes given to write(2) and its kin; sockets do not count.
    var writtenBytes: UInt64
    var processorNanoseconds: UInt64
    /// Nanoseconds before what `nanoseconds` counts.
    var preparation: UInt64 = 0

    static func soFar() -> Cost {
        var usage = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage)
        return Cost(
            nanoseconds: monotonicNanoseconds(), flushes: floor_flushes(), writtenBytes: writtenBytesSoFar(),
            processorNanoseconds: UInt64(usage.tv_sec) * 1_000_000_000 + UInt64(usage.tv_nsec))
    }

    static func - (a: Cost, b: Cost) -> Cost {
        Cost(
            nanoseconds: a.nanoseconds - b.nanoseconds, flushes: a.flushes - b.flushes,
            writtenBytes: a.writtenBytes - b.writtenBytes,
            processorNanoseconds: a.processorNanoseconds - b.processorNanoseconds)
    }

    /// proc_pid_io(5).
    private static func writtenBytesSoFar() -> UInt64 {
        let io = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
        let line = io.split(separator: "\n").first { $0.hasPrefix("wchar: ") }
        return line.flatMap { UInt64($0.dropFirst("wchar: ".count)) } ?? 0
    }
}

// SPDX-License-Identifier: Apache-2.0
// ProcessMeter: what the kernel says a worker process uses. Nothing here is the worker's own word.

import CorralBase
import Glibc

/// Reads one process's accounts. The files stay open: they name the process and not whoever gets its number later.
final class ProcessMeter {
    struct Status: Equatable {
        /// The most it ever had resident.
        var highWaterBytes: UInt64
        /// What it alone holds: neither files nor what the host shares with it.
        var ownBytes: UInt64
        var threads: Int
    }

    private let clock: clockid_t
    private let statm: Int32
    private let status: Int32
    private var buffer = [UInt8](repeating: 0, count: 4_096)

    /// Nil when the process is gone already.
    init?(process: pid_t) {
        var clock = clockid_t()
        guard process > 0, clock_getcpuclockid(process, &clock) == 0 else { return nil }
        let statm = open("/proc/\(process)/statm", O_RDONLY | O_CLOEXEC)
        let status = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        guard statm >= 0, status >= 0 else {
            for descriptor in [statm, status] where descriptor >= 0 { close(descriptor) }
            return nil
        }
        (self.clock, self.statm, self.status) = (clock, statm, status)
    }

    deinit {
        close(statm)
        close(status)
    }

    /// Processor time of all its threads; nil when it is gone.
    func processorNanoseconds() -> UInt64? {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// What is resident now; nil when it is gone.
    func residentBytes() -> UInt64? {
        let text = read(statm)
        // statm: size resident shared …, in pages (proc(5)).
        let fields = text.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard fields.count >= 2, let pages = number(fields[1]) else { return nil }
        return pages &* Self.pageBytes
    }

    /// The dearer account: the kernel writes some fifty lines for it.
    func readStatus() -> Status? {
        let text = read(status)
        guard !text.isEmpty else { return nil }
        var found = Status(highWaterBytes: 0, ownBytes: 0, threads: 0)
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = { number(line[line.index(after: colon)...]) ?? 0 }
            switch String(decoding: line[..<colon], as: UTF8.self) {
            case "VmHWM": found.highWaterBytes = value() << 10
            case "RssAnon", "RssShmem": found.ownBytes += value() << 10
            case "Threads": found.threads = Int(clamping: value())
            default: continue
            }
        }
        return found
    }

    private func read(_ descriptor: Int32) -> ArraySlice<UInt8> {
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return count > 0 ? buffer[..<count] : []
    }

    private static let pageBytes = UInt64(sysconf(Int32(_SC_PAGESIZE)))
}

/// The first run of digits.
private func number(_ bytes: ArraySlice<UInt8>) -> UInt64? {
    let digits = bytes.drop { !isDigit($0) }.prefix(while: isDigit)
    guard !digits.isEmpty else { return nil }
    return digits.reduce(0) { $0 &* 10 &+ UInt64($1 - UInt8(ascii: "0")) }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

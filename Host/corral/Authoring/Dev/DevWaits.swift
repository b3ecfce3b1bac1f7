// SPDX-License-Identifier: Apache-2.0
// DevWaits: everything `corral dev` waits for, in one place: a save, a key, Ctrl-C, and whatever is under way.

import CorralAuthor
import CorralBase
import Glibc

final class DevWaits {
    enum Wake: Equatable {
        /// Sources changed, and it has been quiet since.
        case saved([String], at: ContinuousClock.Instant)
        case again
        case quit
        /// What was waited for besides.
        case ready
        case timeout
    }

    /// A save writes several files and each of them in several steps; an editor is done within this time.
    private static let quietMilliseconds: Int32 = 30
    /// A tool that goes on writing does not keep the loop waiting for ever.
    private static let burstMax: Duration = .milliseconds(500)

    private let sources: SourceWatch
    private let interrupts: Interrupts
    private var keyboard: Int32 = STDIN_FILENO
    private var savedTerminal: termios?

    /// - Throws: `sources_unwatched`, `terminal_failed`.
    init(folder: String) throws {
        sources = try SourceWatch(folder)
        interrupts = try Interrupts(signals: [SIGINT, SIGTERM, SIGHUP])
        readSingleKeys()
    }

    deinit {
        if var saved = savedTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &saved) }
    }

    /// Keys count without Enter and are not shown; Ctrl-C still is a signal.
    private func readSingleKeys() {
        var settings = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        savedTerminal = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// Waits for the next thing.
    /// - Parameter descriptor: what is under way; -1 for nothing.
    /// - Throws: `sources_unwatched`.
    func next(_ descriptor: Int32 = -1, milliseconds: Int32 = -1) throws -> Wake {
        let deadline = ContinuousClock.now + .milliseconds(Int64(max(0, milliseconds)))
        while true {
            var entries = [sources.descriptor, interrupts.descriptor, keyboard, descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let left = ContinuousClock.now.duration(to: deadline).components
            let patience =
                milliseconds < 0 ? -1 : Int32(max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000))
            let count = poll(&entries, nfds_t(entries.count), patience)
            if count < 0, errno == EINTR { continue }
            if count == 0 { return .timeout }
            if entries[1].revents != 0 { return .quit }
            if entries[2].revents != 0, let wake = readKey() { return wake }
            if entries[0].revents != 0, let wake = try readSave() { return wake }
            if entries[3].revents != 0 { return .ready }
        }
    }

    private func readKey() -> Wake? {
        var byte: UInt8 = 0
        guard read(keyboard, &byte, 1) == 1 else {
            // Nobody is there to press keys.
            keyboard = -1
            return nil
        }
        switch byte {
        case UInt8(ascii: "r"), UInt8(ascii: "R"): return .again
        case UInt8(ascii: "q"), UInt8(ascii: "Q"): return .quit
        default: return nil
        }
    }

    private func readSave() throws -> Wake? {
        let start = ContinuousClock.now
        var changed = try sources.changes()
        guard !changed.isEmpty else { return nil }
        while start.duration(to: .now) < Self.burstMax {
            var entry = pollfd(fd: sources.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, Self.quietMilliseconds) > 0 else { break }
            changed.formUnion(try sources.changes())
        }
        return .saved(changed.sorted(), at: start)
    }
}

// SPDX-License-Identifier: Apache-2.0
// ProgressScreen: a progress board on stderr: live lines that are drawn again on a terminal, plain lines elsewhere.

import CorralBase
import CorralControl
import Glibc

struct ProgressScreen {
    private(set) var board: ProgressBoard
    private let terminal: Terminal
    private let isSilent: Bool
    private var drawn = 0
    private var frame = 0

    /// - Parameter isSilent: true with `--json`: nothing is drawn.
    init(terminal: Terminal, isSilent: Bool) {
        self.terminal = terminal
        self.isSilent = isSilent
        board = ProgressBoard(width: terminal.width, style: terminal.talk)
    }

    mutating func apply(_ event: RunEvent) {
        let lines = board.apply(event)
        guard !isSilent else { return }
        if terminal.isLive { draw(above: lines) } else { for line in lines { terminal.say(line) } }
    }

    /// Called about ten times a second.
    mutating func tick() {
        guard terminal.isLive, !isSilent else { return }
        frame += 1
        draw(above: [])
    }

    /// Something to say while the run goes on.
    mutating func say(_ line: String) {
        if terminal.isLive, !isSilent { draw(above: [line]) } else { terminal.say(line) }
    }

    /// Takes the live lines away.
    mutating func end() {
        guard drawn > 0 else { return }
        Terminal.write(erasing, STDERR_FILENO)
        drawn = 0
    }

    private mutating func draw(above lines: [String]) {
        let live = board.live(at: wallNanoseconds(), frame: frame, max: max(2, min(10, terminal.height - 2)))
        guard drawn > 0 || !lines.isEmpty || !live.isEmpty else { return }
        // One write a frame, so that nothing flickers.
        Terminal.write(erasing + (lines + live).map { $0 + "\n" }.joined(), STDERR_FILENO)
        drawn = live.count
    }

    /// Up to the first live line, and everything from there on away.
    private var erasing: String { drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : "" }
}

/// CLOCK_REALTIME in nanoseconds since 1970.
func wallNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}

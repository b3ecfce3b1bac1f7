// SPDX-License-Identifier: Apache-2.0
// Terminal: where a command speaks: data to stdout, talk to stderr, each with colours only where a person sees them.

import CorralBase
import CorralWire
import Foundation
import Glibc

package struct Terminal: Sendable {
    /// How stdout and stderr are drawn; plain unless they are a terminal.
    let output: Style
    let talk: Style
    /// Columns to fill: the terminal's, or 100.
    let width: Int
    /// Lines of the terminal behind stderr, or 24.
    let height: Int
    /// True when stderr is a terminal that can move its cursor: live progress.
    let isLive: Bool
    /// Seconds to add to UTC for the times people read.
    let zoneSeconds: Int

    package static func current(_ variables: [String: String] = ProcessInfo.processInfo.environment) -> Terminal {
        let isDumb = variables["TERM"] == "dumb"
        // no-color.org: any value that is not empty.
        let wantsColour = (variables["NO_COLOR"] ?? "").isEmpty && !isDumb
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        let talkIsTerminal = isatty(STDERR_FILENO) == 1
        let size = outputIsTerminal ? windowSize(STDOUT_FILENO) : talkIsTerminal ? windowSize(STDERR_FILENO) : nil
        return Terminal(
            output: Style(isColoured: outputIsTerminal && wantsColour),
            talk: Style(isColoured: talkIsTerminal && wantsColour), width: size?.columns ?? 100,
            height: size?.rows ?? 24, isLive: talkIsTerminal && !isDumb, zoneSeconds: TimeZone.current.secondsFromGMT())
    }

    private static func windowSize(_ descriptor: Int32) -> (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return nil }
        return (min(400, Int(size.ws_col)), max(4, Int(size.ws_row)))
    }

    /// Writes data to stdout.
    func print(_ text: String) { Self.write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", STDOUT_FILENO) }

    func print(_ value: JSON) { print(value.text(.pretty)) }

    /// Says something to the person, on stderr.
    func say(_ text: String) { Self.write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", STDERR_FILENO) }

    /// The last words of a command that failed: on stderr for the person, and with `--json` on stdout for the script.
    package func report(_ error: any Error, asJSON: Bool) -> ExitStatus {
        switch error {
        case let ended as Ended: return ended.status
        case let error as DiagnosticsError:
            if asJSON { print(["error": .null, "diagnostics": .array(error.diagnostics.map { $0.json })]) }
            say(error.description)
            return .failed
        case let error as CorralError:
            if asJSON { print(["error": error.json]) }
            say(talk.error(error))
            return ExitStatus(for: error)
        default:
            return report(CorralError.internalFault("\(error)"), asJSON: asJSON)
        }
    }

    /// A pipe that nobody reads any more ends the program quietly, as SIGPIPE would.
    static func write(_ text: String, _ descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// CompilerRun: a compiler as a child process whose words are collected and which can be stopped with everything it
// started.

import CorralBase
import Glibc
import Synchronization

package final class CompilerRun: Sendable {
    package struct Result: Sendable {
        /// As waitpid(2) gives it.
        package var status: Int32
        /// Standard output and error in one, as written.
        package var output: String

        package var isSuccess: Bool { status == 0 }

        /// `exit code 1`, `signal 9`.
        package var words: String {
            status & 0x7F == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(status & 0x7F)"
        }
    }

    /// A compiler that says more has said enough.
    private static let outputBytesMax = 4 << 20

    package let arguments: [String]
    private let state = Mutex<(pid: pid_t, isStopped: Bool)>((0, false))

    /// - Parameter arguments: the program, looked for in PATH, and its arguments.
    package init(_ arguments: [String]) { self.arguments = arguments }

    /// The command as a person would type it.
    package var command: String {
        arguments.map { argument in
            let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./=+:,@".contains($0) }
            return isPlain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: #"'\''"#) + "'"
        }.joined(separator: " ")
    }

    /// Runs it to its end.
    /// - Parameters:
    ///   - ownGroup: true when Ctrl-C in the terminal is not for it.
    ///   - hear: each piece of output as it comes.
    /// - Throws: `compiler_missing`.
    package func run(
        ownGroup: Bool, environment: [String: String] = [:], hear: (String) -> Void = { _ in }
    ) throws(CorralError) -> Result {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .compilerMissing(arguments[0], systemText(errno)) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let pid: pid_t
        do throws(CorralError) {
            pid = try spawn(output: ends[1], ownGroup, environment)
            close(ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        // A stop that came before the start.
        let isStopped = state.withLock { state in
            state.pid = ownGroup ? -pid : pid
            return state.isStopped
        }
        if isStopped { kill(ownGroup ? -pid : pid, SIGKILL) }
        let output = collect(ends[0], hear)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        state.withLock { $0.pid = 0 }
        return Result(status: status, output: output)
    }

    /// Ends it and its children. The run returns with a status that says so.
    package func stop() {
        let pid = state.withLock { state in
            state.isStopped = true
            return state.pid
        }
        if pid != 0 { kill(pid, SIGKILL) }
    }

    private func spawn(output: Int32, _ ownGroup: Bool, _ environment: [String: String]) throws(CorralError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (ownGroup ? POSIX_SPAWN_SETPGROUP : 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = Self.variables(environment).map { strdup($0) } + [nil]
        defer { for string in strings + variables { free(string) } }
        var child: pid_t = 0
        let status = posix_spawnp(&child, arguments[0], &actions, &attributes, &strings, &variables)
        guard status == 0 else { throw .compilerMissing(arguments[0], systemText(status)) }
        return child
    }

    private static func variables(_ changes: [String: String]) -> [String] {
        var all: [String] = []
        var next = environ
        while let text = next.pointee {
            let entry = String(cString: text)
            if changes[String(entry.prefix { $0 != "=" })] == nil { all.append(entry) }
            next += 1
        }
        return all + changes.map { "\($0.key)=\($0.value)" }
    }

    private func collect(_ descriptor: Int32, _ hear: (String) -> Void) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            hear(String(decoding: buffer[..<count], as: UTF8.self))
            if bytes.count < Self.outputBytesMax { bytes += buffer[..<count] }
        }
    }
}

func systemText(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "errno \(number)" }
    return "\(String(cString: text)) (errno \(number))"
}

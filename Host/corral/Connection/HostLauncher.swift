// SPDX-License-Identifier: Apache-2.0
// HostLauncher: starts a host of its own for a client that finds none: in a session of its own, so that Ctrl-C in the
// terminal reaches the command and not the host, and with its words in host.log.

import CorralBase
import CorralHome
import CorralWire
import Glibc

struct HostLauncher: Sendable {
    let home: Home
    /// The program to start and its arguments; the readiness pipe is its descriptor 3.
    let program: String
    let arguments: [String]
    var timeoutMilliseconds: Int32 = 30_000

    static let readinessDescriptor: Int32 = 3

    /// - Parameter level: exactly this isolation for its workers; nil = what $CORRAL_ISOLATION says, else the best there is.
    init(home: Home, level: IsolationLevel? = nil) {
        self.home = home
        program = "/proc/self/exe"
        arguments =
            ["corral", "serve", "--ephemeral", "--home", home.path, "--readiness", String(Self.readinessDescriptor)]
            + ((level?.rawValue ?? Self.level).map { ["--isolation", $0] } ?? [])
    }

    /// Read by `serve`, which refuses a word that is no level, and a level that is less than the configuration demands.
    private static var level: String? {
        getenv("CORRAL_ISOLATION").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    init(home: Home, program: String, arguments: [String], timeoutMilliseconds: Int32) {
        self.home = home
        self.program = program
        self.arguments = arguments
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    var log: String { home.path + "/host.log" }

    /// Starts the host and waits until it says that it is ready.
    /// - Throws: `host_start_failed`, or the host's own reason: `home_locked` when another was faster.
    func launch() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CorralError.hostStartFailed("no pipe", errorText(errno)) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let status = spawn(readiness: ends[1])
        close(ends[1])
        guard status == 0 else {
            close(ends[0])
            throw CorralError.hostStartFailed("\(program)", errorText(status))
        }
        switch HostReadiness.receive(from: ends[0], timeoutMilliseconds: timeoutMilliseconds) {
        case .ready: return
        case .failed(let error): throw error
        case .silent: throw CorralError.hostStartFailed(log: log, lastLines: lastLines())
        case nil: throw CorralError.hostStartFailed("it was not ready in \(timeoutMilliseconds / 1000) s", "see \(log)")
        }
    }

    private func spawn(readiness: Int32) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // When the pipe's end is 3 already, dup2 onto itself clears its close-on-exec flag (posix_spawn(3), glibc 2.29).
        posix_spawn_file_actions_adddup2(&actions, readiness, Self.readinessDescriptor)
        // A host outlives the command: it must not hold open a pipe that the command's caller waits on.
        for descriptor in inherited { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID is 0x80 in glibc's spawn.h, behind a feature macro that Swift's Glibc does not set.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | 0x80)
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        strings.append(nil)
        defer { for string in strings { free(string) } }
        var child: pid_t = 0
        return posix_spawn(&child, program, &actions, &attributes, strings, environ)
    }

    /// Descriptors that the command itself was given and would pass on.
    private var inherited: [Int32] {
        Path.entries("/proc/self/fd").compactMap { Int32($0) }.filter { descriptor in
            let flags = fcntl(descriptor, F_GETFD)
            return descriptor > Self.readinessDescriptor && flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }

    /// The end of the log: what the host said before it died.
    private func lastLines() -> [String] {
        guard let text = try? InputFile.read(log, bytesMax: 64 << 20, fromEnd: 4096) else { return [] }
        return text.split(separator: "\n").suffix(3).map { printable($0) }
    }
}

// SPDX-License-Identifier: Apache-2.0
// DevLoop: save → build → check → swap → run, over and over. A save while one of them is under way ends it and starts
// over: an author wants the answer of what is in the file now.

import CorralAuthor
import CorralBase
import CorralHome
import Dispatch
import Glibc
import Synchronization

final class DevLoop {
    private let folder: PluginFolder
    private let isDebug: Bool
    private let runner: DevRunner
    private let screen: DevScreen
    private var isFirst = true

    /// Between two looks at the log and at the calls of others.
    private static let lookMilliseconds: Int32 = 500

    init(folder: PluginFolder, isDebug: Bool, runner: DevRunner, screen: DevScreen) {
        self.folder = folder
        self.isDebug = isDebug
        self.runner = runner
        self.screen = screen
    }

    /// Until q, Ctrl-C or the end of the terminal.
    /// - Throws: `sources_unwatched`, and what keeps a host from starting.
    func run() throws {
        let waits = try DevWaits(folder: folder.path)
        screen.show(.watching(folder: folder.path, language: folder.language.rawValue))
        var next: DevWaits.Wake = .saved([], at: .now)
        while true {
            switch next {
            case .quit: return
            case .saved(let files, let save):
                if !files.isEmpty { screen.show(.changed(files)) }
                next = try reporting { try cycle(since: save, waits) } ?? idle(waits)
            case .again:
                next = try reporting { try runner.run(folder, since: .now, waits) } ?? idle(waits)
            case .ready, .timeout: next = try idle(waits)
            }
        }
    }

    /// Errors of one cycle are shown; the next save may mend them.
    private func reporting(_ body: () throws -> DevWaits.Wake?) throws -> DevWaits.Wake? {
        do { return try body() } catch let error as CorralError where error.code != .sourcesUnwatched {
            screen.show(.refused(error))
            return nil
        }
    }

    private func idle(_ waits: DevWaits) throws -> DevWaits.Wake {
        while true {
            let wake = try waits.next(milliseconds: Self.lookMilliseconds)
            if wake != .timeout { return wake }
            _ = try reporting {
                try runner.tail()
                return nil
            }
        }
    }

    private func cycle(since save: ContinuousClock.Instant, _ waits: DevWaits) throws -> DevWaits.Wake? {
        if let wake = try build(waits) {
            switch wake {
            case .built: break
            case .failed: return nil
            case .interrupted(let wake):
                if case .saved = wake { screen.show(.superseded) }
                return wake
            }
        }
        guard try runner.swap(folder, try folder.library(isDebug: isDebug)) else { return nil }
        if isFirst { try runner.forgetEarlierRuns() }
        isFirst = false
        return try runner.run(folder, since: save, waits)
    }

    // MARK: Building

    private enum BuildEnd {
        case built
        case failed
        case interrupted(DevWaits.Wake)
    }

    private func build(_ waits: DevWaits) throws -> BuildEnd? {
        let compiler = try folder.compiler(isDebug: isDebug)
        screen.show(.building(compiler.command))
        let start = ContinuousClock.now
        let work = try BackgroundCompiler(compiler)
        while true {
            let wake = try waits.next(work.descriptor)
            switch wake {
            case .ready:
                let result = try work.result()
                guard result.isSuccess else {
                    screen.show(.buildFailed(CompilerWords.text(result.output)))
                    return .failed
                }
                screen.show(.built(start.duration(to: .now)))
                return .built
            case .saved, .quit:
                compiler.stop()
                _ = try? work.result()
                return .interrupted(wake)
            case .again, .timeout: continue
            }
        }
    }
}

/// A compiler on a thread of its own, and a descriptor that is ready to read when it is done.
private final class BackgroundCompiler: Sendable {
    let descriptor: Int32
    private let outcome = Mutex<Result<CompilerRun.Result, CorralError>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    /// - Throws: `terminal_failed`.
    init(_ compiler: CompilerRun) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CorralError.terminalFailed("wait for the compiler", "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        descriptor = ends[0]
        let writing = ends[1]
        DispatchQueue.global().async { [self] in
            let result: Result<CompilerRun.Result, CorralError>
            do throws(CorralError) { result = .success(try compiler.run(ownGroup: true)) } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
            close(writing)
            done.signal()
        }
    }

    deinit { close(descriptor) }

    /// Waits for the end.
    /// - Throws: `compiler_missing`.
    func result() throws -> CompilerRun.Result {
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { throw CorralError.internalFault("a build without an end") }
        return try result.get()
    }
}

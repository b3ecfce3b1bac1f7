// SPDX-License-Identifier: Apache-2.0
import CVectorscan
import Glibc
import Synchronization

/// One expression the engine looks for, and the check that looks at each place where it ends.
struct Pattern: Sendable {
    let expression: String
    /// Capitals and small letters count alike.
    let ignoresCase: Bool
    /// - Parameter end: the place behind the match.
    let check: @Sendable (_ pass: ScanPass, _ end: Int) -> Void

    init(
        _ expression: String, ignoresCase: Bool = false,
        check: @escaping @Sendable (_ pass: ScanPass, _ end: Int) -> Void
    ) {
        self.expression = expression
        self.ignoresCase = ignoresCase
        self.check = check
    }

    /// The text itself, whatever signs it has.
    static func literal(_ text: String, check: @escaping @Sendable (_ pass: ScanPass, _ end: Int) -> Void) -> Pattern {
        let escaped = text.map { $0.isLetter || $0.isNumber || $0 == "_" ? "\($0)" : "\\\($0)" }.joined()
        return Pattern(escaped, check: check)
    }
}

/// Why the patterns cannot be used.
package struct PatternEngineFault: Error, CustomStringConvertible {
    package let description: String
}

/// The patterns, compiled into one automaton: a text is read once however many there are, in time linear in its length
/// (Vectorscan has no backtracking, and so no back references and look-around; the checks do what those would).
final class PatternEngine: Sendable {
    private let patterns: [Pattern]
    /// Immutable once compiled; scans only read it.
    private nonisolated(unsafe) let database: OpaquePointer
    /// Working memory that no scan is using. Each scan needs one of its own; as many exist as scans ran at once.
    private let scratches: Mutex<Scratches>

    private struct Scratches: @unchecked Sendable {
        var free: [OpaquePointer] = []
    }

    init(_ patterns: [Pattern]) throws(PatternEngineFault) {
        guard hs_valid_platform() == HS_SUCCESS else {
            throw PatternEngineFault(description: "this processor lacks what Vectorscan needs (SSE4.2 or NEON)")
        }
        self.patterns = patterns
        database = try Self.compile(patterns)
        scratches = Mutex(Scratches())
    }

    deinit {
        scratches.withLock { for scratch in $0.free { hs_free_scratch(scratch) } }
        hs_free_database(database)
    }

    private static func compile(_ patterns: [Pattern]) throws(PatternEngineFault) -> OpaquePointer {
        let texts = patterns.map { strdup($0.expression) }
        defer { for text in texts { free(text) } }
        var database: OpaquePointer?
        var mistake: UnsafeMutablePointer<hs_compile_error_t>?
        let status = hs_compile_multi(
            texts.map { UnsafePointer($0) }, patterns.map { $0.ignoresCase ? UInt32(HS_FLAG_CASELESS) : 0 },
            patterns.indices.map { UInt32($0) }, UInt32(patterns.count), UInt32(HS_MODE_BLOCK), nil, &database,
            &mistake)
        guard status == HS_SUCCESS, let database else {
            defer { hs_free_compile_error(mistake) }
            let place = mistake.map { Int($0.pointee.expression) } ?? -1
            let why = mistake.map { String(cString: $0.pointee.message) } ?? "status \(status)"
            let which = patterns.indices.contains(place) ? " in \(patterns[place].expression)" : ""
            throw PatternEngineFault(description: "the patterns cannot be compiled: \(why)\(which)")
        }
        return database
    }

    /// Runs every check at every place where its pattern ends, in order of place.
    func run(_ pass: ScanPass) throws(PatternEngineFault) {
        guard pass.count > 0 else { return }
        let scratch = try takeScratch()
        defer { scratches.withLock { $0.free.append(scratch) } }
        let hit = Hit(patterns: patterns, pass: pass)
        let status = pass.bytes.withMemoryRebound(to: CChar.self) { text in
            hs_scan(
                database, text.baseAddress, UInt32(text.count), 0, scratch,
                { pattern, _, end, _, context in
                    guard let context else { return 1 }
                    let hit = Unmanaged<Hit>.fromOpaque(context).takeUnretainedValue()
                    hit.patterns[Int(pattern)].check(hit.pass, Int(end))
                    return 0
                }, Unmanaged.passUnretained(hit).toOpaque())
        }
        guard status == HS_SUCCESS else {
            throw PatternEngineFault(description: "Vectorscan stopped with status \(status)")
        }
    }

    private final class Hit {
        let patterns: [Pattern]
        let pass: ScanPass

        init(patterns: [Pattern], pass: ScanPass) {
            self.patterns = patterns
            self.pass = pass
        }
    }

    private func takeScratch() throws(PatternEngineFault) -> OpaquePointer {
        if let free = scratches.withLock({ $0.free.popLast() }) { return free }
        var scratch: OpaquePointer?
        guard hs_alloc_scratch(database, &scratch) == HS_SUCCESS, let scratch else {
            throw PatternEngineFault(description: "no memory for a scan")
        }
        return scratch
    }
}

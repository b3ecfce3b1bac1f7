// SPDX-License-Identifier: Apache-2.0
// CrashRecord: the last words of a worker, one record on its crash pipe (descriptor 4), written by a signal handler or at
// exit. The host reads them as words of a stranger: a plugin can write to the pipe too.

/// What a dying worker could say about the thread that ended it. It helps to find the suspect; it proves nothing.
package struct CrashRecord: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// A signal such as SIGSEGV.
        case signal(Int32)
        /// `exit` was called with this status, by a plugin: an orderly goodbye leaves no record.
        case exited(status: Int32)
    }

    package var kind: Kind
    /// The call that the thread was running, nil when none.
    package var call: UInt64?
    /// The plugin (`LoadMessage.plugin`) whose code the thread was given to: its call, or its load.
    package var pluginByThread: UInt32?
    /// The plugin whose image holds the program counter, or the nearest frame above it that lies in a plugin.
    package var pluginByAddress: UInt32?
    package var programCounter: UInt64
    /// For memory faults the address that was touched.
    package var faultAddress: UInt64
    /// Where in the library of `pluginByAddress`, counted from its start as `addr2line -e` takes it.
    package var pluginOffset: UInt64?

    /// `+0x1149`: what `addr2line -e LIBRARY` turns into a line.
    package var place: String? { pluginOffset.map { "+0x" + String($0, radix: 16) } }

    /// Bytes of one record; see `corral_crash_record` in the worker's shim, which has the same layout.
    package static let byteCount = 56
    package static let magic: UInt32 = 0x4352_4F43

    /// Reads the record at the start of `bytes`.
    /// - Returns: nil unless it is whole, of this build's version and of a known kind.
    package init?(_ bytes: some Collection<UInt8>) {
        var reader = ByteReader(Array(bytes.prefix(CrashRecord.byteCount)))
        guard bytes.count >= CrashRecord.byteCount, (try? reader.u32()) == CrashRecord.magic,
            (try? reader.u16()) == wireVersion, let kind = try? reader.u16(), let number = try? reader.i32(),
            let byThread = try? reader.u32(), let byAddress = try? reader.u32(), (try? reader.u32()) != nil,
            let call = try? reader.u64(), let counter = try? reader.u64(), let address = try? reader.u64(),
            let offset = try? reader.u64()
        else { return nil }
        switch kind {
        case 1: self.kind = .signal(number)
        case 2: self.kind = .exited(status: number)
        default: return nil
        }
        self.call = call == 0 ? nil : call
        pluginByThread = byThread == .max ? nil : byThread
        pluginByAddress = byAddress == .max ? nil : byAddress
        programCounter = counter
        faultAddress = address
        pluginOffset = pluginByAddress == nil ? nil : offset
    }
}

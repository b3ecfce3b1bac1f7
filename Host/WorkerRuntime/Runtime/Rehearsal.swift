// SPDX-License-Identifier: Apache-2.0
// Rehearsal: experiments with a library that no real host makes: a host of another version, ids that nobody knows, a look
// at what the process has become. `corral plugin check` asks for one in a load message, in a worker it then throws away;
// only a worker can make them, because only a worker loads plugins.

import CCorral
import CorralBase
import CorralWire
import Glibc

struct Rehearsal {
    let loader: Loader

    /// The host's bytes a short struct still has: its version, `get_extension` and `log`.
    private static let shortBytes = MemoryLayout<corral_host>.offset(of: \.push_result) ?? 0
    /// A later host of the same major version knows more functions.
    private static let appendedFunctions = 8
    /// Near misses and strangers. An id is compared whole.
    private static let strangers = [
        "", "corral", "corral.agent", "corral.agent/", "corral.agent/0", "corral.agent/2", "corral.agent/11",
        "corral.agent/1 ", "corral.tool/2", "corral.tool/1x", "CORRAL.AGENT/1", "com.example.nobody/1",
    ]

    /// - Returns: a JSON object that depends on the experiment.
    func findings() throws(LoadFailure) -> [UInt8] {
        let name = String(decoding: loader.message.native, as: UTF8.self)
        let found: JSON =
            switch name {
            case "environment": environment()
            case "other-abi": try answer(to: changedHost { $0.abi_major &+= 1 })
            case "short-host": try answer(to: shortHost())
            case "newer-host": try answer(to: newerHost())
            case "extensions": try extensions()
            default: throw LoadFailure(.badDescriptor, "there is no rehearsal \"\(name)\"")
            }
        return found.bytes()
    }

    // MARK: Other hosts

    /// `{"answer": "refused"}`, or `{"answer": "accepted", "abi_major", "asked_by"}`: its version and the host's.
    private func answer(to host: UnsafePointer<corral_host>) throws(LoadFailure) -> JSON {
        let entry = try loader.entry(of: try openLibrary(loader.message.path))
        guard let descriptor = entry(host) else { return ["answer": "refused"] }
        return [
            "answer": "accepted", "abi_major": .int(Int64(descriptor.pointee.abi_major)),
            "asked_by": .int(Int64(host.pointee.abi_major)),
        ]
    }

    private func changedHost(_ change: (inout corral_host) -> Void) -> UnsafePointer<corral_host> {
        let host = UnsafeMutablePointer<corral_host>.allocate(capacity: 1)
        host.initialize(to: loader.host.pointee)
        change(&host.pointee)
        return UnsafePointer(host)
    }

    /// Ends where a page ends and nothing may be read after it: whoever looks past `struct_size` dies of it.
    private func shortHost() throws(LoadFailure) -> UnsafePointer<corral_host> {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let memory = mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED, mprotect(memory + page, page, PROT_NONE) == 0 else {
            throw LoadFailure(.cannotOpen, "there is no memory for the rehearsal")
        }
        let place = memory + page - Self.shortBytes
        place.copyMemory(from: loader.host, byteCount: Self.shortBytes)
        place.storeBytes(of: UInt32(Self.shortBytes), as: UInt32.self)
        return UnsafePointer(place.assumingMemoryBound(to: corral_host.self))
    }

    private func newerHost() -> UnsafePointer<corral_host> {
        let size = MemoryLayout<corral_host>.size
        let bytes = size + Self.appendedFunctions * MemoryLayout<UInt>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        memset(memory, 0xA5, bytes)
        memory.copyMemory(from: loader.host, byteCount: size)
        let host = memory.assumingMemoryBound(to: corral_host.self)
        host.pointee.struct_size = UInt32(bytes)
        host.pointee.abi_minor &+= 1
        return UnsafePointer(host)
    }

    // MARK: Extensions

    /// `{"strangers": [ids that got an answer], "unstable": [ids that got two]}`.
    private func extensions() throws(LoadFailure) -> JSON {
        let entry = try loader.entry(of: try openLibrary(loader.message.path))
        guard let plugin = entry(loader.host) else {
            throw LoadFailure(.refusedByPlugin, "\(CORRAL_ENTRY_SYMBOL) returned NULL")
        }
        let descriptor = try loader.check(plugin)
        func ask(_ id: String) -> UnsafeRawPointer? {
            descriptor.pointee.get_extension(descriptor.pointee.instance, id)
        }
        let slice = descriptor.pointee.manifest
        let known = try loader.provides(UnsafeRawBufferPointer(start: slice.data, count: slice.size))
        let strangers = Self.strangers.filter { !known.contains($0) && ask($0) != nil }
        let unstable = known.filter { ask($0) != ask($0) }
        return [
            "strangers": .array(strangers.map { .string($0) }), "unstable": .array(unstable.map { .string($0) }),
        ]
    }

    // MARK: The process

    /// What a plugin must leave as it is. Two looks that differ, differ in what the library changed between them.
    private func environment() -> JSON {
        let directory = getcwd(nil, 0)
        defer { free(directory) }
        // The mask can only be read by setting it.
        let mask = umask(0o077)
        umask(mask)
        return [
            "working directory": .string(directory.map { String(cString: $0) } ?? "unknown"),
            "umask": .string(String(mask, radix: 8)),
            "locale": .string(setlocale(LC_ALL, nil).map { String(cString: $0) } ?? ""),
            "environment": .array(variables().map { .string($0) }),
            "signal handlers": .array(handlers().map { .string($0) }),
            "open descriptors": .array(descriptors().map { .int(Int64($0)) }),
        ]
    }

    private func variables() -> [String] {
        var all: [String] = []
        var next = environ
        while let text = next.pointee, all.count < 4096 {
            all.append(String(cString: text))
            next += 1
        }
        return all.sorted()
    }

    /// `SIGNAL HANDLER FLAGS` of each signal that has not the default action. The runtime's own two are not settable.
    private func handlers() -> [String] {
        (1...64).compactMap { number -> String? in
            var action = sigaction()
            guard sigaction(Int32(number), nil, &action) == 0 else { return nil }
            let handler = unsafeBitCast(action.__sigaction_handler, to: UInt.self)
            return handler == 0 ? nil : "\(number) \(String(handler, radix: 16)) \(action.sa_flags)"
        }
    }

    private func descriptors() -> [Int32] {
        (0..<1024).filter { fcntl($0, F_GETFD) >= 0 }
    }
}

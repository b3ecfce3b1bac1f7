// SPDX-License-Identifier: Apache-2.0
// Loader: from a path to a plugin that takes calls. The only place of Corral that calls dlopen, in a process that the
// host can lose. Nothing is ever closed again: unloading Swift, Go or threaded code crashes, so a reload is a new process.

import CCorral
import CorralBase
import CorralWire
import CorralWorkerShim
import Glibc

/// Why a library was refused.
struct LoadFailure: Error {
    var reason: LoadFailedMessage.Reason
    var detail: String

    init(_ reason: LoadFailedMessage.Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

struct Loader {
    let message: LoadMessage
    let host: UnsafePointer<corral_host>

    /// Loads the library; on the loading thread. Sends the manifest in a probe.
    /// - Returns: the plugin, and the JSON list of its native functions (empty when it has none).
    func load() throws(LoadFailure) -> (LoadedPlugin, [UInt8]) {
        corral_thread_set(message.plugin, 0)
        defer { corral_thread_set(CORRAL_NO_PLUGIN, 0) }
        switch message.form {
        case .plugin: return try loadPlugin()
        case .native:
            let tools = try NativeTools(loading: message)
            return (LoadedPlugin(number: message.plugin, natives: tools), tools.description)
        case .rehearsal:
            return (LoadedPlugin(number: message.plugin), try Rehearsal(loader: self).findings())
        }
    }

    func loadPlugin() throws(LoadFailure) -> (LoadedPlugin, [UInt8]) {
        let descriptor = try enter(try openLibrary(message.path))
        let manifest = try manifest(of: descriptor)
        let provides = try provides(manifest)
        let agent = try vtable(CORRAL_EXT_AGENT, provides, descriptor, corral_agent.self, [\.run])
        let tool = try vtable(CORRAL_EXT_TOOL, provides, descriptor, corral_tool.self, [\.call])
        var natives: NativeTools?
        if let table = try vtable(CORRAL_EXT_NATIVE, provides, descriptor, corral_native.self, []) {
            natives = try NativeTools(of: table)
        }
        let kinds = try KindTables(self, provides, descriptor)
        if !message.isProbe { try activate(descriptor) }
        let plugin = LoadedPlugin(
            number: message.plugin, descriptor: descriptor, agent: agent, tool: tool, kinds: kinds, natives: natives)
        return (plugin, natives?.description ?? [])
    }

    private func enter(_ library: UnsafeMutableRawPointer) throws(LoadFailure) -> UnsafePointer<corral_plugin> {
        guard let descriptor = try entry(of: library)(host) else {
            throw LoadFailure(.refusedByPlugin, "\(CORRAL_ENTRY_SYMBOL) returned NULL")
        }
        return try check(descriptor)
    }

    typealias Entry = @convention(c) (UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>?

    func entry(of library: UnsafeMutableRawPointer) throws(LoadFailure) -> Entry {
        guard let symbol = dlsym(library, CORRAL_ENTRY_SYMBOL) else {
            throw LoadFailure(.noEntryPoint, "the library does not export \(CORRAL_ENTRY_SYMBOL)")
        }
        corral_crash_add_image(message.plugin, symbol)
        return unsafeBitCast(symbol, to: Entry.self)
    }

    /// The version comes first, because of another major version nothing else can be believed.
    func check(_ descriptor: UnsafePointer<corral_plugin>) throws(LoadFailure) -> UnsafePointer<corral_plugin> {
        let (major, minor) = (descriptor.pointee.abi_major, descriptor.pointee.abi_minor)
        guard major == UInt16(CORRAL_ABI_MAJOR) else {
            throw LoadFailure(
                .wrongABI,
                "the plugin was built for ABI \(major).\(minor), this worker speaks \(CORRAL_ABI_MAJOR).\(CORRAL_ABI_MINOR)"
            )
        }
        let size = Int(descriptor.pointee.struct_size)
        guard holds(size, \corral_plugin.get_extension), isSet(descriptor, \.get_extension) else {
            throw LoadFailure(
                .badDescriptor,
                "the descriptor says it is \(size) bytes and holds no get_extension; it needs "
                    + "\(MemoryLayout<corral_plugin>.size)")
        }
        return descriptor
    }

    /// The manifest's bytes, sent in a probe and compared with what the probe saw otherwise.
    private func manifest(
        of descriptor: UnsafePointer<corral_plugin>
    ) throws(LoadFailure) -> UnsafeRawBufferPointer {
        let slice = descriptor.pointee.manifest
        guard slice.size <= Limits.manifestBytesMax else {
            throw LoadFailure(
                .manifestTooLarge,
                "the manifest has \(slice.size) bytes, at most \(Limits.manifestBytesMax) are allowed")
        }
        guard let bytes = slice.bytes, !bytes.isEmpty else {
            throw LoadFailure(.badDescriptor, "the manifest is empty")
        }
        if !message.expectedManifest.isEmpty, !bytes.elementsEqual(message.expectedManifest) {
            throw LoadFailure(
                .manifestDiffers, "the manifest differs from the one the library showed when it was probed")
        }
        if message.expectedManifest.isEmpty {
            for start in stride(from: 0, to: bytes.count, by: DataMessage.bytesMax) {
                let chunk = bytes[start..<min(bytes.count, start + DataMessage.bytesMax)]
                worker.writer.send(ManifestMessage(plugin: message.plugin, bytes: Array(chunk)).frame)
            }
        }
        return bytes
    }

    /// The extensions the manifest names. In a probe a manifest that cannot be read names none: the host, which gets its
    /// bytes, says better what is wrong with it.
    func provides(_ manifest: UnsafeRawBufferPointer) throws(LoadFailure) -> [String] {
        do {
            let ids = try JSON(parsing: manifest)["provides"]?.arrayValue
            return ids?.compactMap(\.stringValue) ?? []
        } catch {
            if message.isProbe { return [] }
            throw LoadFailure(.badDescriptor, "the manifest is \((error as? CorralError)?.message ?? "not valid JSON")")
        }
    }

    func vtable<Table>(
        _ id: String, _ provides: [String], _ descriptor: UnsafePointer<corral_plugin>, _ type: Table.Type,
        _ functions: [PartialKeyPath<Table>]
    ) throws(LoadFailure) -> UnsafePointer<Table>? {
        guard provides.contains(id) else { return nil }
        guard let address = descriptor.pointee.get_extension(descriptor.pointee.instance, id) else {
            throw LoadFailure(
                .missingExtension, "the manifest says it provides \"\(id)\", and get_extension returned NULL")
        }
        let table = address.assumingMemoryBound(to: Table.self)
        // `struct_size` is the first member of each vtable.
        let size = Int(address.load(as: UInt32.self))
        let isWhole = functions.allSatisfy { holds(size, $0) && isSet(table, $0) }
        guard isWhole, functions.isEmpty ? size >= MemoryLayout<Table>.size : true else {
            throw LoadFailure(.badDescriptor, "the vtable of \"\(id)\" lacks a function (it says it is \(size) bytes)")
        }
        return table
    }

    private func activate(_ descriptor: UnsafePointer<corral_plugin>) throws(LoadFailure) {
        guard let activate = descriptor.pointee.activate else { return }
        let status = message.configuration.withUnsafeBytes { bytes in
            let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return activate(descriptor.pointee.instance, corral_slice(data: data, size: bytes.count))
        }
        if status < 0 {
            throw LoadFailure(.activationFailed, "activate returned status \(status); the plugin's log may say why")
        }
    }
}

/// Opens a library with everything resolved now and kept private.
func openLibrary(_ path: String) throws(LoadFailure) -> UnsafeMutableRawPointer {
    if let library = dlopen(path, RTLD_NOW | RTLD_LOCAL | Int32(RTLD_NODELETE)) { return library }
    let text = dlerror().map { String(cString: $0) } ?? "the loader gives no reason"
    // The loader names the file it is about: our own, or one that ours needs. A symbol or symbol version that is not
    // there comes from a dependency too.
    let isOwn = text.hasPrefix(path + ": ")
    let isMissing = !isOwn && text.contains("cannot open shared object file")
    let isUnresolved = text.contains("undefined symbol") || text.contains("' not found (required by")
    throw LoadFailure(isMissing || isUnresolved ? .missingDependency : .cannotOpen, text)
}

/// Whether a member lies wholly inside the size its writer knew.
func holds<Table>(_ size: Int, _ member: PartialKeyPath<Table>) -> Bool {
    guard let offset = MemoryLayout<Table>.offset(of: member) else { return false }
    return offset + MemoryLayout<UInt>.size <= size
}

/// Whether a pointer member that the header calls non-null really is: plugins are not believed.
func isSet<Table>(_ table: UnsafePointer<Table>, _ member: PartialKeyPath<Table>) -> Bool {
    guard let offset = MemoryLayout<Table>.offset(of: member) else { return false }
    return UnsafeRawPointer(table).load(fromByteOffset: offset, as: UInt.self) != 0
}

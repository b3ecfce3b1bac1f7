// SPDX-License-Identifier: Apache-2.0

/// The host's functions with Swift types. The host keeps the struct for the life of the process.
struct HostFunctions: @unchecked Sendable {
    // Invariant: the host never changes or frees the struct, and its functions may be called from any thread.
    let table: UnsafePointer<corral_host>

    func log(_ call: corral_call, _ level: LogLevel, _ message: String) {
        Slice.with(message) { table.pointee.log(call, level.rawValue, $0) }
    }

    /// Nil where the host has none or the plugin no grant.
    func service<Table>(_ id: String, as type: Table.Type) -> UnsafePointer<Table>? {
        id.withCString { table.pointee.get_extension($0) }?.assumingMemoryBound(to: type)
    }
}

/// Bytes that C only looks at during a call.
enum Slice {
    static func with<Value>(_ text: String, _ body: (corral_slice) -> Value) -> Value {
        var text = text
        return text.withUTF8 { body(corral_slice(data: $0.baseAddress, size: $0.count)) }
    }

    static func with<Value>(_ bytes: [UInt8], _ body: (corral_slice) -> Value) -> Value {
        bytes.withUnsafeBufferPointer { body(corral_slice(data: $0.baseAddress, size: $0.count)) }
    }
}

extension corral_slice {
    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: data, count: data == nil ? 0 : size)) }

    var text: String {
        String(decoding: UnsafeBufferPointer(start: data, count: data == nil ? 0 : size), as: UTF8.self)
    }

    /// Nil when empty, as the ABI says "not stated".
    var statedText: String? { size == 0 || data == nil ? nil : text }
}

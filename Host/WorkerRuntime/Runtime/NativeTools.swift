// SPDX-License-Identifier: Apache-2.0
// NativeTools: the C functions of one library as tools: found, checked and prepared at load, called by name.

import CCorral
import CorralBase
import CorralWire
import CorralWorkerShim
import Glibc

final class NativeTools: @unchecked Sendable {
    // Unchecked: immutable once made.
    private let functions: [String: NativeFunction]
    /// JSON `[{"name", "summary", "input": schema}]` for `LoadedMessage`.
    let description: [UInt8]

    /// Tools that a description of the operator's names in a library which does not know Corral.
    convenience init(loading message: LoadMessage) throws(LoadFailure) {
        let library = try openLibrary(message.path)
        let (tools, free) = try NativeTools.describe(message.native)
        var mistakes = LoadMistakes()
        var release: NativeFunction.Release?
        if let free {
            release = dlsym(library, free).map { unsafeBitCast($0, to: NativeFunction.Release.self) }
            if release == nil {
                mistakes.add(.missingSymbol, "the library does not export \"\(free)\", named as `free`")
            }
        }
        var functions: [NativeFunction] = []
        for tool in tools {
            guard let symbol = dlsym(library, tool.symbol) else {
                mistakes.add(.missingSymbol, "tool \"\(tool.name)\": the library does not export \"\(tool.symbol)\"")
                continue
            }
            if functions.isEmpty { corral_crash_add_image(message.plugin, symbol) }
            if let function = mistakes.prepare(tool, symbol, release) { functions.append(function) }
        }
        try self.init(functions, mistakes)
    }

    /// Tools that a plugin describes itself.
    convenience init(of table: UnsafePointer<corral_native>) throws(LoadFailure) {
        var mistakes = LoadMistakes()
        var functions: [NativeFunction] = []
        guard table.pointee.count <= NativeTools.countMax else {
            throw LoadFailure(
                .badDescriptor, "\(table.pointee.count) native functions, at most \(NativeTools.countMax)")
        }
        let release = table.pointee.free_result
        var cursor = UnsafeRawPointer(table.pointee.functions)
        for _ in 0..<table.pointee.count {
            guard let element = cursor?.assumingMemoryBound(to: corral_native_function.self) else { break }
            let size = Int(element.pointee.struct_size)
            guard holds(size, \corral_native_function.address), size % 8 == 0, isSet(element, \.name),
                isSet(element, \.signature), isSet(element, \.summary), isSet(element, \.address)
            else { throw LoadFailure(.badDescriptor, "native function \(functions.count) of the table is incomplete") }
            let tool = Description(
                name: String(cString: element.pointee.name), symbol: String(cString: element.pointee.name),
                signature: String(cString: element.pointee.signature), summary: String(cString: element.pointee.summary)
            )
            let address = unsafeBitCast(element.pointee.address, to: UnsafeMutableRawPointer.self)
            if let function = mistakes.prepare(tool, address, release) { functions.append(function) }
            cursor = cursor.map { $0 + size }
        }
        try self.init(functions, mistakes)
    }

    private init(_ functions: [NativeFunction], _ mistakes: LoadMistakes) throws(LoadFailure) {
        if let failure = mistakes.failure { throw failure }
        var byName: [String: NativeFunction] = [:]
        for function in functions where byName.updateValue(function, forKey: function.name) != nil {
            throw LoadFailure(.badDescriptor, "two native functions are called \"\(function.name)\"")
        }
        self.functions = byName
        description = JSON.array(functions.map(\.description)).bytes()
    }

    /// Runs a function for a call and pushes its result. On a crew thread, with no lock held.
    func run(_ slot: CallSlot, _ handle: corral_call, _ memory: RequestMemory) -> corral_status {
        guard let name = memory.method.bytes.map({ String(decoding: $0, as: UTF8.self) }),
            let body = memory.request.pointee.body.bytes
        else { return CORRAL_INVALID }
        do throws(NativeFailure) {
            guard let function = functions[name] else { throw .unknownTool(name) }
            let result = try function.call(body)
            return result.withUnsafeBytes { bytes in
                slot.monitor.withLock {
                    slot.live.load(ordering: .relaxed) == handle ? slot.pushResult(handle, bytes) : CORRAL_GONE
                }
            }
        } catch {
            slot.fail(handle, error.failure)
            return error.status
        }
    }

    // MARK: The operator's description

    static let countMax = 1024

    struct Description {
        var name: String
        var symbol: String
        var signature: String
        var summary: String
    }

    private static func describe(_ bytes: [UInt8]) throws(LoadFailure) -> ([Description], free: String?) {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw LoadFailure(.badDescriptor, "the description of the native tools is not valid JSON")
        }
        guard let tools = json["tools"]?.arrayValue, !tools.isEmpty, tools.count <= countMax else {
            throw LoadFailure(.badDescriptor, "the description has no list of 1 to \(countMax) tools")
        }
        var descriptions: [Description] = []
        for tool in tools {
            guard let name = tool["name"]?.stringValue, let signature = tool["signature"]?.stringValue else {
                throw LoadFailure(.badDescriptor, "a tool of the description lacks a name or a signature")
            }
            descriptions.append(
                Description(
                    name: name, symbol: tool["symbol"]?.stringValue ?? name, signature: signature,
                    summary: tool["summary"]?.stringValue ?? ""))
        }
        return (descriptions, json["free"]?.stringValue)
    }
}

/// All that is wrong with a library's tools, told at once. The first decides the reason.
private struct LoadMistakes {
    private var reason: LoadFailedMessage.Reason?
    private var texts: [String] = []

    mutating func add(_ reason: LoadFailedMessage.Reason, _ text: String) {
        if self.reason == nil { self.reason = reason }
        texts.append(text)
    }

    mutating func prepare(
        _ tool: NativeTools.Description, _ address: UnsafeMutableRawPointer, _ release: NativeFunction.Release?
    ) -> NativeFunction? {
        do throws(NativeSignatureMistake) {
            guard isToolName(tool.name) else {
                throw NativeSignatureMistake(what: "the name must be [a-z][a-z0-9_]{0,63}", column: 1)
            }
            let signature = try NativeSignature(tool.signature)
            if signature.result == .text(isFreed: true), release == nil {
                throw NativeSignatureMistake(what: "str!free needs a function that frees: name it as `free`", column: 1)
            }
            return try NativeFunction(tool, signature, address, release)
        } catch {
            add(.badSignature, "tool \"\(tool.name)\": signature \"\(tool.signature)\", \(error.text)")
            return nil
        }
    }

    var failure: LoadFailure? { reason.map { LoadFailure($0, texts.joined(separator: "; ")) } }

    private func isToolName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z")
        else { return false }
        return name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
        }
    }
}

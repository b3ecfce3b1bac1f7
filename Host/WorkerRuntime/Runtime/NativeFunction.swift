// SPDX-License-Identifier: Apache-2.0
// NativeFunction: one C function behind libffi. What depends on the signature alone is prepared once, at load.

import CFFI
import CorralBase
import CorralWire
import Glibc

/// Why a native call did not give a result.
struct NativeFailure: Error, Equatable {
    var status: Int32
    var failure: CompleteMessage.Failure

    init(_ status: Int32, _ code: String, _ message: String, details: String = "") {
        self.status = status
        failure = CompleteMessage.Failure(code: code, message: message, details: details)
    }

    static func unknownTool(_ name: String) -> NativeFailure {
        NativeFailure(-6, "unsupported", "there is no native function \"\(name)\" in this library")
    }

    static func argument(_ what: String) -> NativeFailure { NativeFailure(-2, "invalid_arguments", what) }
    static func result(_ what: String) -> NativeFailure { NativeFailure(-3, "invalid_result", what) }
}

final class NativeFunction: @unchecked Sendable {
    // Unchecked: immutable once made; the call interface and the types are written only in `init` and live for ever.
    typealias Release = @convention(c) (UnsafeMutableRawPointer) -> Void

    let name: String
    private let summary: String
    private let signature: NativeSignature
    private let address: UnsafeMutableRawPointer
    private let release: Release?
    private let interface: UnsafeMutablePointer<ffi_cif>
    private let arity: Int

    init(
        _ tool: NativeTools.Description, _ signature: NativeSignature, _ address: UnsafeMutableRawPointer,
        _ release: Release?
    ) throws(NativeSignatureMistake) {
        name = tool.name
        summary = tool.summary
        self.signature = signature
        self.address = address
        self.release = release
        let types = signature.parameters.flatMap { $0.kind.types }
        arity = types.count
        // Both are as long-lived as the library, which is never unloaded.
        let list = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: max(1, types.count))
        for (index, type) in types.enumerated() { (list + index).initialize(to: type) }
        interface = .allocate(capacity: 1)
        let status = ffi_prep_cif(interface, corral_ffi_abi(), UInt32(types.count), signature.result.type, list)
        guard status == FFI_OK else {
            throw NativeSignatureMistake(what: "libffi refuses the signature (status \(status.rawValue))", column: 1)
        }
    }

    /// `{"name", "summary", "input": JSON schema}`.
    var description: JSON {
        .object(["name": .string(name), "summary": .string(summary), "input": signature.inputSchema])
    }

    /// Calls the function with a JSON object (by parameter name) or list (by position). Returns its JSON result.
    func call(_ body: UnsafeRawBufferPointer) throws(NativeFailure) -> [UInt8] {
        let arguments = try NativeArguments(signature, body)
        defer { arguments.free() }
        // libffi widens integer results to a register; 16 bytes hold any result we know.
        var result: (UInt64, UInt64) = (0, 0)
        withUnsafeMutablePointer(to: &result) { place in
            arguments.withPointers { pointers in
                ffi_call(interface, unsafeBitCast(address, to: (@convention(c) () -> Void).self), place, pointers)
            }
        }
        let value = try signature.result.text(of: result.0, function: name, release)
        return try arguments.resultText(value, function: name)
    }
}

extension NativeSignature.Kind {
    fileprivate var types: [UnsafeMutablePointer<ffi_type>] {
        switch self {
        case .scalar(let scalar): [scalar.type]
        case .text, .out, .outArray: [corral_ffi_pointer()]
        case .bytes, .array: [corral_ffi_pointer(), corral_ffi_u64()]
        }
    }
}

extension NativeSignature.Outcome {
    fileprivate var type: UnsafeMutablePointer<ffi_type> {
        switch self {
        case .void: corral_ffi_void()
        case .scalar(let scalar): scalar.type
        case .text: corral_ffi_pointer()
        case .status: corral_ffi_i32()
        }
    }
}

extension Scalar {
    fileprivate var type: UnsafeMutablePointer<ffi_type> {
        switch self {
        case .f64: corral_ffi_f64()
        case .f32: corral_ffi_f32()
        case .i8: corral_ffi_i8()
        case .i16: corral_ffi_i16()
        case .i32: corral_ffi_i32()
        case .i64: corral_ffi_i64()
        case .u8, .bool: corral_ffi_u8()
        case .u16: corral_ffi_u16()
        case .u32: corral_ffi_u32()
        case .u64: corral_ffi_u64()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// NativeSignature: "(x: f64, out:f64[2]) -> status" as types, by the grammar of native.h. The text comes from plugins and
// tools files, so every mistake is named with its place.

/// A number as C passes it.
enum Scalar: String, CaseIterable {
    case f64, f32, i8, i16, i32, i64, u8, u16, u32, u64, bool

    var byteCount: Int {
        switch self {
        case .i8, .u8, .bool: 1
        case .i16, .u16: 2
        case .f32, .i32, .u32: 4
        case .f64, .i64, .u64: 8
        }
    }

    var isInteger: Bool { self != .f64 && self != .f32 && self != .bool }
}

struct NativeSignature: Equatable {
    enum Length: Equatable {
        case fixed(Int)
        /// The parameter with this index says how many.
        case parameter(Int)
    }

    enum Kind: Equatable {
        case scalar(Scalar)
        case text
        case bytes
        case array(Scalar)
        case out(Scalar)
        case outArray(Scalar, Length)

        var isOut: Bool {
            switch self {
            case .out, .outArray: true
            default: false
            }
        }

        /// C parameters it stands for.
        var arity: Int {
            switch self {
            case .bytes, .array: 2
            default: 1
            }
        }
    }

    struct Parameter: Equatable {
        var name: String
        var kind: Kind
    }

    enum Outcome: Equatable {
        case void
        case scalar(Scalar)
        case text(isFreed: Bool)
        case status
    }

    /// More C parameters are a mistake, and libffi's cost grows with each.
    static let arityMax = 16
    /// Elements of one out array with a fixed length.
    static let lengthMax = 1 << 20

    var parameters: [Parameter]
    var result: Outcome

    /// - Throws: `NativeSignatureMistake` with the place of the first mistake.
    init(_ text: String) throws(NativeSignatureMistake) {
        var parser = NativeSignatureParser(text)
        self = try parser.signature()
    }

    init(parameters: [Parameter], result: Outcome) {
        self.parameters = parameters
        self.result = result
    }
}

/// What is wrong with a signature, and at which byte, counted from 1.
struct NativeSignatureMistake: Error, Equatable {
    var what: String
    var column: Int

    var text: String { "column \(column): \(what)" }
}

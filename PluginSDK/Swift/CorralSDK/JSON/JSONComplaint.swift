// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a JSON value, as a sentence that starts with where: `input.bars.close[3]: expected a number,
/// found text`.
enum JSONComplaint {
    static func sentence(_ error: DecodingError, root: String) -> String {
        switch error {
        case .typeMismatch(_, let context), .dataCorrupted(let context):
            "\(place(context.codingPath, root)): \(context.debugDescription)"
        case .valueNotFound(_, let context):
            "\(place(context.codingPath, root)): expected a value, found null"
        case .keyNotFound(let key, let context):
            "\(place(context.codingPath, root)): the member \"\(key.stringValue)\" is missing"
        @unknown default:
            "\(root): \(error)"
        }
    }

    static func sentence(_ error: EncodingError, root: String) -> String {
        switch error {
        case .invalidValue(_, let context): "\(place(context.codingPath, root)): \(context.debugDescription)"
        @unknown default: "\(root): \(error)"
        }
    }

    static func place(_ path: [any CodingKey], _ root: String) -> String {
        path.reduce(into: root) { place, key in
            place += key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
        }
    }
}

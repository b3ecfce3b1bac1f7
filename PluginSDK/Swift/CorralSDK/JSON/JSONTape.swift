// SPDX-License-Identifier: Apache-2.0

/// A JSON document as a flat list of nodes that point into its bytes.
///
/// Own code instead of Foundation's because inputs are columns of thousands of prices and because a plugin without
/// Foundation loads faster (docs/decisions/0004). A node holds no value: numbers and texts are read from the bytes when
/// somebody asks for them.
struct JSONTape {
    enum Kind: UInt8 {
        case null, no, yes, number, text, escapedText, array, object
    }

    struct Node {
        var kind: Kind
        /// The bytes of a number, or of a text without its quotes.
        var start: Int
        var end: Int
        /// The node after this one and all its children.
        var next: Int
        /// Elements of an array, members of an object. A member is two nodes: its name and its value.
        var count: Int
    }

    let bytes: [UInt8]
    let nodes: [Node]

    /// - Throws: ``JSONSyntaxError`` with the byte where the text stops being JSON.
    init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
        let scanned = bytes.withUnsafeBufferPointer { buffer -> Result<[Node], JSONSyntaxError> in
            var scanner = JSONScanner(buffer)
            do throws(JSONSyntaxError) {
                try scanner.scanDocument()
                return .success(scanner.nodes)
            } catch {
                return .failure(error)
            }
        }
        self.bytes = bytes
        nodes = try scanned.get()
    }
}

/// Bytes that are not one JSON value.
struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    var problem: String
    var offset: Int

    var description: String { "\(problem) at byte \(offset)" }
}

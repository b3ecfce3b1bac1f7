// SPDX-License-Identifier: Apache-2.0
// Options: what the command line asks for.

import Foundation

struct Options {
    var isJSON = false
    var only: Set<String> = []
    var repetitions = 5
    /// Whether peers are measured, too; the first time, they are installed from PyPI.
    var includesPeers = true
    /// Where databases and plugins are written; on the file system that is to be measured.
    var scratch: String

    static let usage = """
        usage: Benchmarks [--json] [--only NAME]... [--repetitions N] [--no-peers] [--scratch FOLDER]
        """

    struct Wrong: Error, CustomStringConvertible {
        var description: String
    }

    init(_ arguments: [String], names: [String]) throws {
        scratch = Place.package + "/.build/scratch"
        var rest = arguments[...]
        func value(after option: String) throws -> String {
            guard let value = rest.popFirst() else {
                throw Wrong(description: "\(option) needs a value\n\(Self.usage)")
            }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--json": isJSON = true
            case "--no-peers": includesPeers = false
            case "--scratch": scratch = try value(after: argument)
            case "--only":
                let name = try value(after: argument)
                guard names.contains(name) else {
                    throw Wrong(description: "no benchmark \"\(name)\"; there are \(names.joined(separator: ", "))")
                }
                only.insert(name)
            case "--repetitions":
                guard let count = Int(try value(after: argument)), (1...1_000).contains(count) else {
                    throw Wrong(description: "--repetitions takes 1 to 1000")
                }
                repetitions = count
            default: throw Wrong(description: "unknown option \"\(argument)\"\n\(Self.usage)")
            }
        }
    }

    func runs(_ name: String) -> Bool { only.isEmpty || only.contains(name) }
}

/// Where things are. The benchmarks run where they were built.
enum Place {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    static let headers = package + "/../../PluginSDK/include"
    static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path
}

// SPDX-License-Identifier: Apache-2.0
// Machine: what this program was built with and what it runs on.

import CorralBase
import Glibc

enum Machine {
    /// The toolchain this program was built with.
    static var swift: String {
        #if compiler(>=6.4)
            "6.4 or newer"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2 or older"
        #endif
    }

    static var kernel: Finding {
        var name = utsname()
        guard uname(&name) == 0 else {
            return Finding(topic: "kernel", state: .warning, detail: "the kernel does not say its version")
        }
        return Finding(topic: "kernel", state: .good, detail: "Linux \(text(&name.release)) on \(text(&name.machine))")
    }

    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

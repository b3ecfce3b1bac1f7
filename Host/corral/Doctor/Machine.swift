// SPDX-License-Identifier: Apache-2.0
// Machine: what the kernel offers for keeping workers apart, asked of the kernel itself.

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

    /// What later isolation levels will use.
    static var isolationFacts: [String] {
        [
            (firstLine("/proc/sys/user/max_user_namespaces") ?? "0") == "0" ? "no user namespaces" : "user namespaces",
            (firstLine("/sys/kernel/security/lsm") ?? "").contains("landlock") ? "Landlock" : "no Landlock seen",
            firstLine("/proc/sys/kernel/seccomp/actions_avail") == nil ? "no seccomp" : "seccomp",
            Path.exists("/sys/fs/cgroup/cgroup.controllers") ? "cgroup v2" : "no cgroup v2",
        ]
    }

    private static func firstLine(_ path: String) -> String? {
        (try? InputFile.read(path))?.split(separator: "\n").first.map(String.init)
    }

    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CorralSDK

/// The structs of the ABI as Swift imports them, in the words of layout-x86_64.txt.
enum SwiftLayout {
    static var text: String { lines.joined(separator: "\n") + "\n" }

    private static var lines: [String] {
        describe(
            corral_slice.self, "corral_slice",
            [
                ("data", \.data),
                ("size", \.size),
            ])
            + describe(
                corral_error.self, "corral_error",
                [
                    ("struct_size", \.struct_size),
                    ("is_retryable", \.is_retryable),
                    ("code", \.code),
                    ("message", \.message),
                    ("details", \.details),
                ])
            + describe(
                corral_host.self, "corral_host",
                [
                    ("struct_size", \.struct_size),
                    ("abi_major", \.abi_major),
                    ("abi_minor", \.abi_minor),
                    ("get_extension", \.get_extension),
                    ("log", \.log),
                    ("push_result", \.push_result),
                    ("push_partial", \.push_partial),
                    ("push_progress", \.push_progress),
                    ("push_artifact", \.push_artifact),
                    ("read_artifact", \.read_artifact),
                    ("set_confidence", \.set_confidence),
                    ("add_change", \.add_change),
                    ("set_error", \.set_error),
                    ("complete", \.complete),
                    ("is_cancelled", \.is_cancelled),
                    ("on_cancel", \.on_cancel),
                ])
            + describe(
                corral_request.self, "corral_request",
                [
                    ("struct_size", \.struct_size),
                    ("depth", \.depth),
                    ("body", \.body),
                    ("deadline_ns", \.deadline_ns),
                    ("user", \.user),
                    ("feature", \.feature),
                    ("session", \.session),
                    ("task_type", \.task_type),
                    ("complexity", \.complexity),
                    ("idempotency_key", \.idempotency_key),
                ])
            + describe(
                corral_plugin.self, "corral_plugin",
                [
                    ("struct_size", \.struct_size),
                    ("abi_major", \.abi_major),
                    ("abi_minor", \.abi_minor),
                    ("manifest", \.manifest),
                    ("instance", \.instance),
                    ("activate", \.activate),
                    ("deactivate", \.deactivate),
                    ("get_extension", \.get_extension),
                ])
            + describe(
                corral_agent.self, "corral_agent",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("run", \.run),
                ])
            + describe(
                corral_tool.self, "corral_tool",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("call", \.call),
                ])
            + describe(
                corral_host_tool.self, "corral_host_tool",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("start", \.start),
                ])
            + describe(
                corral_host_http.self, "corral_host_http",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("start", \.start),
                ])
            + describe(
                corral_host_connect.self, "corral_host_connect",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("open", \.open),
                ])
            + describe(
                corral_host_process.self, "corral_host_process",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("start", \.start),
                    ("wait", \.wait),
                    ("stop", \.stop),
                    ("run", \.run),
                ])
            + describe(
                corral_host_secret.self, "corral_host_secret",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("reveal", \.reveal),
                ])
            + describe(
                corral_host_smtp.self, "corral_host_smtp",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("send", \.send),
                ])
            + describe(
                corral_native_function.self, "corral_native_function",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("name", \.name),
                    ("signature", \.signature),
                    ("summary", \.summary),
                    ("address", \.address),
                ])
            + describe(
                corral_native.self, "corral_native",
                [
                    ("struct_size", \.struct_size),
                    ("count", \.count),
                    ("functions", \.functions),
                    ("free_result", \.free_result),
                ])
            + describedKinds
    }

    private static var describedKinds: [String] {
        describe(
            corral_memory.self, "corral_memory",
            [
                ("struct_size", \.struct_size),
                ("reserved", \.reserved),
                ("put", \.put),
                ("get", \.get),
                ("search", \.search),
                ("list", \.list),
                ("forget", \.forget),
            ])
            + describe(
                corral_host_memory.self, "corral_host_memory",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("start", \.start),
                ])
            + describe(
                corral_scanner.self, "corral_scanner",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("scan", \.scan),
                ])
            + describe(
                corral_judge.self, "corral_judge",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("judge", \.judge),
                ])
            + describe(
                corral_notifier.self, "corral_notifier",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("notify", \.notify),
                ])
            + describe(
                corral_tracer.self, "corral_tracer",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("export_spans", \.export_spans),
                ])
            + describe(
                corral_host_storage.self, "corral_host_storage",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("folder", \.folder),
                ])
            + describe(
                corral_host_prompt.self, "corral_host_prompt",
                [
                    ("struct_size", \.struct_size),
                    ("reserved", \.reserved),
                    ("render", \.render),
                ])
    }

    private static func describe<Struct>(
        _ layout: Struct.Type, _ name: String, _ members: [(String, PartialKeyPath<Struct>)]
    ) -> [String] {
        let head = "\(name) size \(MemoryLayout<Struct>.size) align \(MemoryLayout<Struct>.alignment)"
        return [head]
            + members.map { member, path in
                let offset = MemoryLayout<Struct>.offset(of: path).map(String.init) ?? "none"
                return "  \(name).\(member) offset \(offset) size \(size(of: type(of: path).valueType))"
            }
    }

    private static func size(of type: Any.Type) -> Int {
        func open<Value>(_ type: Value.Type) -> Int { MemoryLayout<Value>.size }
        return _openExistential(type, do: open)
    }
}

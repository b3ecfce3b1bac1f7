// SPDX-License-Identifier: Apache-2.0
// KindTables: the vtables of the kinds that the host itself calls: memory, scanner, judge, notifier, tracer. Their
// functions have one shape, so a call finds its function by kind and name.

import CCorral
import CorralBase
import CorralWire

/// The shape of every function of these kinds, and of `corral_agent.run`.
typealias KindFunction =
    @convention(c) (
        UnsafeMutableRawPointer?, corral_call, UnsafePointer<corral_request>
    ) -> corral_status

struct KindTables: @unchecked Sendable {
    // Unchecked: immutable once made; the functions are the library's, which is never unloaded.
    private var functions: [CallTarget: [String: KindFunction]] = [:]

    static let none = KindTables()

    private init() {}

    /// The vtables of all kinds that the manifest names.
    init(_ loader: Loader, _ provides: [String], _ descriptor: UnsafePointer<corral_plugin>) throws(LoadFailure) {
        func read<Table>(
            _ target: CallTarget, _ id: String, _ type: Table.Type, _ members: [(String, KeyPath<Table, KindFunction>)]
        ) throws(LoadFailure) {
            guard let table = try loader.vtable(id, provides, descriptor, type, members.map(\.1)) else { return }
            functions[target] = Dictionary(uniqueKeysWithValues: members.map { ($0.0, table.pointee[keyPath: $0.1]) })
        }
        try read(
            .memory, CORRAL_EXT_MEMORY, corral_memory.self,
            [("put", \.put), ("get", \.get), ("search", \.search), ("list", \.list), ("forget", \.forget)])
        try read(.scanner, CORRAL_EXT_SCANNER, corral_scanner.self, [("scan", \.scan)])
        try read(.judge, CORRAL_EXT_JUDGE, corral_judge.self, [("judge", \.judge)])
        try read(.notifier, CORRAL_EXT_NOTIFIER, corral_notifier.self, [("notify", \.notify)])
        try read(.tracer, CORRAL_EXT_TRACER, corral_tracer.self, [("export", \.export_spans)])
    }

    /// Nil when the plugin is not of that kind or the kind has no such function.
    func function(_ target: CallTarget, _ method: corral_slice) -> KindFunction? {
        guard let known = functions[target], let name = shortText(method) else { return nil }
        return known[name]
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The functions of the host's own kinds that the host calls; see CFunctions.swift for why they stand alone in a file.
/// The tables are written once, at their first use, and never again.

private nonisolated(unsafe) let memoryTable = table(
    corral_memory(
        struct_size: UInt32(MemoryLayout<corral_memory>.size), reserved: 0, put: memoryPut, get: memoryGet,
        search: memorySearch, list: memoryList, forget: memoryForget))

private nonisolated(unsafe) let scannerTable = table(
    corral_scanner(struct_size: UInt32(MemoryLayout<corral_scanner>.size), reserved: 0, scan: scannerScan))

private nonisolated(unsafe) let judgeTable = table(
    corral_judge(struct_size: UInt32(MemoryLayout<corral_judge>.size), reserved: 0, judge: judgeJudge))

private nonisolated(unsafe) let notifierTable = table(
    corral_notifier(struct_size: UInt32(MemoryLayout<corral_notifier>.size), reserved: 0, notify: notifierNotify))

private nonisolated(unsafe) let tracerTable = table(
    corral_tracer(struct_size: UInt32(MemoryLayout<corral_tracer>.size), reserved: 0, export_spans: tracerExport))

private func table<Table>(_ value: Table) -> UnsafeRawPointer {
    let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    table.initialize(to: value)
    return UnsafeRawPointer(table)
}

func kindTable(_ id: String) -> UnsafeRawPointer? {
    switch id {
    case CORRAL_EXT_MEMORY: memoryTable
    case CORRAL_EXT_SCANNER: scannerTable
    case CORRAL_EXT_JUDGE: judgeTable
    case CORRAL_EXT_NOTIFIER: notifierTable
    case CORRAL_EXT_TRACER: tracerTable
    default: nil
    }
}

private typealias Instance = UnsafeMutableRawPointer?
private typealias Request = UnsafePointer<corral_request>

private func run(_ method: String, _ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    guard let instance else { return CORRAL_FAILED }
    return Unmanaged<PluginExport>.fromOpaque(instance).takeUnretainedValue().runKind(method, call, request)
}

private func memoryPut(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("put", instance, call, request)
}

private func memoryGet(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("get", instance, call, request)
}

private func memorySearch(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("search", instance, call, request)
}

private func memoryList(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("list", instance, call, request)
}

private func memoryForget(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("forget", instance, call, request)
}

private func scannerScan(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("scan", instance, call, request)
}

private func judgeJudge(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("judge", instance, call, request)
}

private func notifierNotify(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("notify", instance, call, request)
}

private func tracerExport(_ instance: Instance, _ call: corral_call, _ request: Request) -> corral_status {
    run("export", instance, call, request)
}

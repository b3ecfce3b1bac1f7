// SPDX-License-Identifier: Apache-2.0

extension LiveCall {
    /// Uses a tool through the host and gives its JSON answer.
    func useTool(_ name: String, arguments: [UInt8]) async throws -> [UInt8] {
        let answer = try await ask(
            CORRAL_EXT_HOST_TOOL, as: corral_host_tool.self,
            denial: "this plugin may not use tools; its card must ask for \"\(name)\" and policy allow it"
        ) { service, argument in
            Slice.with(name) { name in
                Slice.with(arguments) { service.start(handle, name, $0, toolCompleted, argument) }
            }
        }
        return try answer.value(of: "the tool \(name)")
    }
}

private func toolCompleted(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice) {
    HostWait.finish(argument, status, result)
}

// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Synchronization

/// Does with the host's services what its input says.
struct ServicesAgent: Agent {
    static let card = AgentCard(
        "test/services", version: "1.0.0", role: "Uses host services",
        asks: Asks(
            http: [.init("api.example.com", methods: ["GET", "POST"])], connect: ["redis:6379"], process: ["cat"],
            secrets: ["KEY"]))

    struct Input: Codable { var act: String }
    struct Output: Codable { var text: String }

    func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<Output> {
        AgentResult(Output(text: try await act(input.act, context)))
    }

    private struct Number: Codable { var n: Int }

    private func act(_ act: String, _ context: AgentContext) async throws -> String {
        switch act {
        case "get":
            let response = try await context.http.get("https://x/y", headers: [("a", "b")])
            let number: Number = try response.json()
            return "\(response.status) \(number.n) \(response.header("x-one") ?? "") \(response.url)"
        case "post": return try await context.http.post("https://x/y", json: Number(n: 1)).text
        case "binary":
            let request = HTTPRequest("PUT", "https://x/y", body: [0xFF, 0], timeout: .seconds(2))
            return "\(try await context.http.send(request).body)"
        case "denied": return try await context.http.get("https://denied.example/").text
        case "stream":
            let events = Mutex<[String]>([])
            let response = try await context.http.stream(HTTPRequest("GET", "https://x/y")) { event in
                events.withLock { $0.append("\(event.event):\(event.data):\(event.id ?? "-")") }
            }
            return "\(response.status) " + events.withLock { $0.joined(separator: " ") }
        case "connect":
            let stream = try await context.connect(host: "redis", port: 6379)
            try await stream.write(Array("abc".utf8))
            return String(decoding: try await stream.readToEnd(atMost: 10), as: UTF8.self)
        case "connect elsewhere": _ = try await context.connect(host: "other", port: 1)
        case "run":
            let output = try await context.process.run(
                "cat", arguments: ["-u"], input: Array("in".utf8), timeout: .seconds(1))
            return "\(output.text) \(output.errors) \(output.isTruncated) \(output.ending.signal ?? 0) "
                + (output.ending.reason ?? "")
        case "start":
            let program = try await context.process.start("cat")
            try await program.input.write(Array("hello".utf8))
            program.input.close()
            let text = String(decoding: try await program.output.readToEnd(atMost: 100), as: UTF8.self)
            program.stop()
            return "\(text) \(try await program.wait().exit ?? -1)"
        case "secret": return try await context.secret("KEY")
        case "busy secret": return try await context.secret("BUSY")
        default: break
        }
        return ""
    }
}

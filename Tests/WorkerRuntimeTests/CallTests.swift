// SPDX-License-Identifier: Apache-2.0
// CallTests: calls, results and their order, through a real worker.

import CorralBase
import CorralSandbox
import CorralSocket
import CorralWire
import Foundation
import Testing

@Suite(.serialized) struct CallTests {
    @Test func echoesTheRequest() async throws {
        let worker = try await TestWorker.start()
        let (manifest, tools) = try worker.load("echo")
        #expect(String(decoding: manifest, as: UTF8.self).contains("test/echo"))
        #expect(tools.isEmpty)
        let outcome = try worker.call(#"{"a": [1, 2.5, "ü"]}"#)
        #expect(outcome.text == #"{"a": [1, 2.5, "ü"]}"#)
        #expect(outcome.complete.status == 0)
        #expect(outcome.complete.cpuNanoseconds > 0)
    }
}

// SPDX-License-Identifier: Apache-2.0
// BrokerMain: the life of corral-broker. Descriptor 3 is its only tie to the host: when it ends, so does the broker.

import CCurl
import CorralBase
import CorralWire
import Glibc

package enum BrokerMain {
    /// Returns never. The exit status is 0 when the host went, 1 when the conversation broke. With the argument
    /// `--check` it only says what it is made of, for `corral doctor`.
    package static func run() -> Never {
        if CommandLine.arguments.dropFirst().first == "--check" {
            print(String(cString: curl_version()))
            exit(0)
        }
        corral_keep_memory_private()
        guard let loop = BrokerLoop(3) else { end("libcurl does not start") }
        do {
            try loop.run()
            exit(0)
        } catch {
            end((error as? CorralError)?.message ?? "\(error)")
        }
    }

    /// Descriptor 2 is the host's log.
    private static func end(_ reason: String) -> Never {
        let line = Array("corral-broker ends: \(reason)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        exit(1)
    }
}

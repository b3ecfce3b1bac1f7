// SPDX-License-Identifier: Apache-2.0
// ControlProtocol: how client and host greet each other, and how messages lie in frames.
//
// The client's first frame is a `controlRequest` with a `ControlHello`; the host answers with a `controlReply` that holds
// a `ControlWelcome`, or with a `controlEnd` that holds a `ControlFailure`, and closes. Then requests: each is answered by
// any number of `controlEvent` and one `controlReply`, or one `controlEnd` with a `ControlFailure`. Call ids count requests from 1.

import CorralBase
import CorralWire

/// The version of this build of Corral, as `corral --version` prints it.
package let corralVersion = "0.1.0"

package enum ControlProtocol {
    /// Counts up with every change that an older peer would misunderstand.
    package static let version = 1
    /// A request holds a flow's text and values; files go as descriptors, so 8 MiB is plenty.
    package static let requestBytesMax = 8 << 20
    /// Files that one request may bring.
    package static let descriptorsMax = 64
}

/// What a connection may ask for; fixed when it is accepted and never changed by what it says.
package enum ControlRole: String, Sendable, Hashable, Codable {
    /// Somebody at the socket of the home, whom the kernel names. What they may do is said by their roles.
    case `operator`
}

package struct ControlHello: Sendable, Hashable, Codable {
    package var protocolVersion: Int
    /// The client's own version, for logs and messages.
    package var version: String

    package init(protocolVersion: Int = ControlProtocol.version, version: String = corralVersion) {
        self.protocolVersion = protocolVersion
        self.version = version
    }
}

package struct ControlWelcome: Sendable, Hashable, Codable {
    package var protocolVersion: Int
    package var version: String
    package var pid: Int32
    package var role: ControlRole

    package init(
        protocolVersion: Int = ControlProtocol.version, version: String = corralVersion, pid: Int32, role: ControlRole
    ) {
        self.protocolVersion = protocolVersion
        self.version = version
        self.pid = pid
        self.role = role
    }
}

/// Why a request has no reply. With diagnostics, those say it all and the client shows them instead.
package struct ControlFailure: Error, Sendable, Hashable, Codable {
    package var error: CorralError
    package var diagnostics: [Diagnostic]

    package init(_ error: CorralError, diagnostics: [Diagnostic] = []) {
        self.error = error
        self.diagnostics = diagnostics
    }
}

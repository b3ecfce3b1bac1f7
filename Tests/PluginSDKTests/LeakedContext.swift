// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Synchronization

/// A context that an agent kept although its call is over, as a careless author's background task would.
enum LeakedContext {
    private static let contexts = Mutex<[AgentContext]>([])

    static func hold(_ context: AgentContext) { contexts.withLock { $0.append(context) } }

    static func take() -> AgentContext? { contexts.withLock { $0.popLast() } }
}

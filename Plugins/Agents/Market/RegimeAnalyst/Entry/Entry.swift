// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import RegimeAnalyst

/// The one exported symbol. A target of its own, so that tests may link several agents at once.
@c(corral_plugin_entry)
public func corralEntry(_ host: UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>? {
    Plugin.export(RegimeAnalystAgent.self, host)
}

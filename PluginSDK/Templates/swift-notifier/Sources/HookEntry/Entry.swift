// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Hook

@c(corral_plugin_entry)
public func corralEntry(_ host: UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>? {
    Plugin.export(Hook.self, host)
}

// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Wording

@c(corral_plugin_entry)
public func corralEntry(_ host: UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>? {
    Plugin.export(Wording.self, host)
}

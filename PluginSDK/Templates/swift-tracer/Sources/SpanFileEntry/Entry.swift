// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import SpanFile

@c(corral_plugin_entry)
public func corralEntry(_ host: UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>? {
    Plugin.export(SpanFile.self, host)
}

// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import TracerFile

/// The one exported symbol. A target of its own, so that tests may link several plugins at once.
@c(corral_plugin_entry)
public func corralEntry(_ host: UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>? {
    Plugin.export(FileTracer.self, host)
}

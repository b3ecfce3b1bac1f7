// SPDX-License-Identifier: Apache-2.0
// StorageService: "corral.host.storage/1" for plugins. Its comments that count are in storage.h.

import CCorral
import CorralBase

func makeStorageService() -> UnsafePointer<corral_host_storage> {
    let service = UnsafeMutablePointer<corral_host_storage>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_storage(
            struct_size: UInt32(MemoryLayout<corral_host_storage>.size), reserved: 0, folder: storageFolder))
    return UnsafePointer(service)
}

private func storageFolder() -> corral_slice { worker.services.storage }

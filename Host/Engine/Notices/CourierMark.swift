// SPDX-License-Identifier: Apache-2.0
// CourierMark: a file in a tenant's folder that says that news wait to be sent, so that a host that starts knows which
// tenants to open without opening all of them. Set before anything waits; one that is left behind costs an opening.

import CorralBase
import CorralStore
import Glibc

struct CourierMark: Sendable {
    private let path: String

    init(home: String, tenant: TenantID) { self.init(folder: TenantStore.folder(home: home, tenant: tenant)) }
    init(folder: String) { path = folder + "/deliveries.pending" }

    var isSet: Bool { access(path, F_OK) == 0 }

    func set() {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    func clear() { unlink(path) }
}

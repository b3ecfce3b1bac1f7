// SPDX-License-Identifier: Apache-2.0
// ContentDigest+Grants: a short name for a set of grants, the same whatever order a manifest lists them in.

import CorralBase

extension ContentDigest {
    package init(of grants: Grants) {
        let http = grants.http.map { grant in
            "\(grant.scheme) \(grant.host) \(grant.ports.sorted()) \(grant.methods.sorted()) \(grant.isInternal)"
        }
        let kinds = [
            grants.tools, http, grants.connect.map { "\($0) \($0.isInternal)" }, grants.process, grants.secrets,
            (grants.memory ? ["memory"] : []) + (grants.storage ? ["storage"] : []),
        ]
        self.init(
            label: "corral grants 1",
            kinds.map { Array($0.sorted().joined(separator: "\n").utf8) })
    }
}

// SPDX-License-Identifier: Apache-2.0
// DescriptorLimit: how many files, sockets and pipes this host may have open.

import Glibc

/// Takes what the system allows: the usual 1024 are meant for programs with select(2), and a tenant with a worker takes
/// about fifteen. Children do not inherit it: the spawner gives each its own limits.
func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
        return
    }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * huge-reply.c: pushes one result of 1 GiB and claims success.
 */
#include "plugin.h"
#include <sys/mman.h>

AGENT_PLUGIN("huge-reply")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    const size_t size = 1u << 30;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) return CORRAL_FAILED;
    host->push_result(call, (corral_slice){bytes, size});
    munmap(bytes, size);
    return CORRAL_OK;
}

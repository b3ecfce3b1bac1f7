/* SPDX-License-Identifier: Apache-2.0
 *
 * leak-descriptors.c: opens a descriptor with every twentieth call and forgets it.
 */
#include "plugin.h"
#include <stdatomic.h>
#include <unistd.h>

AGENT_PLUGIN("leak-descriptors")

static _Atomic int calls;

static corral_status run_agent(corral_call call, const corral_request *request) {
    if (atomic_fetch_add(&calls, 1) % 20 == 0) (void)dup(1);
    return host->push_result(call, request->body);
}

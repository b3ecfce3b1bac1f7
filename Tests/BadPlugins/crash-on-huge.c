/* SPDX-License-Identifier: Apache-2.0
 *
 * crash-on-huge.c: crashes on more than 4 MiB, which it has no room for.
 */
#include "plugin.h"

AGENT_PLUGIN("crash-on-huge")

static corral_status run_agent(corral_call call, const corral_request *request) {
    static volatile char room[64];
    if (request->body.size > 4u << 20) *(volatile char *)((uintptr_t)room & 15) = 1;
    return host->push_result(call, request->body);
}

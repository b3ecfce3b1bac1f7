/* SPDX-License-Identifier: Apache-2.0
 *
 * shares-a-buffer.c: keeps the result in a buffer that all calls share, and takes its time.
 */
#include "plugin.h"
#include <stdatomic.h>
#include <unistd.h>

AGENT_PLUGIN("shares-a-buffer")

static _Atomic int running;

static corral_status run_agent(corral_call call, const corral_request *request) {
    int others = atomic_fetch_add(&running, 1);
    usleep(2000);
    atomic_fetch_sub(&running, 1);
    return host->push_result(call, others == 0 ? request->body : SLICE("{\"somebody\":\"else\"}"));
}

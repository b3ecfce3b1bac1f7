/* SPDX-License-Identifier: Apache-2.0
 *
 * gives-up.c: serves nobody any more after thirty calls that were no object.
 */
#include "plugin.h"
#include <stdatomic.h>

AGENT_PLUGIN("gives-up")

static _Atomic int strangers;

static corral_status run_agent(corral_call call, const corral_request *request) {
    if (request->body.size == 0 || request->body.data[0] != (uint8_t)0x7B) {
        atomic_fetch_add(&strangers, 1);
        return CORRAL_INVALID;
    }
    if (atomic_load(&strangers) > 30) return CORRAL_FAILED;
    return host->push_result(call, request->body);
}

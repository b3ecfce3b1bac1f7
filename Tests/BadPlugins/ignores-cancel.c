/* SPDX-License-Identifier: Apache-2.0
 *
 * ignores-cancel.c: works for 100 ms, and when it is cancelled meanwhile, for ever. Deadlines it keeps.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("ignores-cancel")

static corral_status run_agent(corral_call call, const corral_request *request) {
    if (request->deadline_ns != 0) return CORRAL_TIMEOUT;
    for (int i = 0; i < 100; i++) {
        if (host->is_cancelled(call)) for (;;) pause();
        usleep(1000);
    }
    return host->push_result(call, request->body);
}

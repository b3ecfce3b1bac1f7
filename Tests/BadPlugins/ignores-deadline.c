/* SPDX-License-Identifier: Apache-2.0
 *
 * ignores-deadline.c: ends each call but the one that has a deadline.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("ignores-deadline")

static corral_status run_agent(corral_call call, const corral_request *request) {
    if (request->deadline_ns != 0) for (;;) pause();
    return host->push_result(call, request->body);
}

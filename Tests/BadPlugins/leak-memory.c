/* SPDX-License-Identifier: Apache-2.0
 *
 * leak-memory.c: forgets two kilobytes with each call.
 */
#include "plugin.h"
#include <stdlib.h>

AGENT_PLUGIN("leak-memory")

static void *volatile forgotten;

static corral_status run_agent(corral_call call, const corral_request *request) {
    forgotten = malloc(2048);
    if (forgotten != NULL) memset(forgotten, 1, 2048);
    return host->push_result(call, request->body);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * echo.c: the good neighbour. Replies its request; also what benchmarks call.
 */
#include "plugin.h"

AGENT_PLUGIN("echo")

static corral_status run_agent(corral_call call, const corral_request *request) {
    return host->push_result(call, request->body);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * dup-over-socket.c: puts the end of a pipe over the worker's socket, so that whatever the worker says goes elsewhere.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("dup-over-socket")

static corral_status run_agent(corral_call call, const corral_request *request) {
    int pair[2];
    if (pipe(pair) != 0 || dup2(pair[1], 3) < 0) return CORRAL_FAILED;
    return host->push_result(call, request->body);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * complete-twice.c: completes its call, completes it again, and returns a status too.
 */
#include "plugin.h"

AGENT_PLUGIN("complete-twice")

static corral_status run_agent(corral_call call, const corral_request *request) {
    host->push_result(call, request->body);
    host->complete(call, CORRAL_OK);
    host->complete(call, CORRAL_FAILED);
    host->push_result(call, SLICE("after the end"));
    return CORRAL_FAILED;
}

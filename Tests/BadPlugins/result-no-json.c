/* SPDX-License-Identifier: Apache-2.0
 *
 * result-no-json.c: answers with something that is no JSON value.
 */
#include "plugin.h"

AGENT_PLUGIN("result-no-json")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    return host->push_result(call, SLICE("Hello!"));
}

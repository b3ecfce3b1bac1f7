/* SPDX-License-Identifier: Apache-2.0
 *
 * never-complete.c: says it will answer later and does not.
 */
#include "plugin.h"

AGENT_PLUGIN("never-complete")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    return CORRAL_PENDING;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * stack-overflow.c: recurses until the stack is gone.
 */
#include "plugin.h"

AGENT_PLUGIN("stack-overflow")

static int descend(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0];
    return descend(here) + here[0];
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    volatile char start[1] = {0};
    return descend(start);
}

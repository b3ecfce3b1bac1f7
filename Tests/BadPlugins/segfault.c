/* SPDX-License-Identifier: Apache-2.0
 *
 * segfault.c: touches an address that is not there.
 */
#include "plugin.h"

AGENT_PLUGIN("segfault")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    *(volatile int *)16 = 1;
    return CORRAL_OK;
}

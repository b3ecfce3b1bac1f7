/* SPDX-License-Identifier: Apache-2.0
 *
 * abort.c: gives up.
 */
#include "plugin.h"
#include <stdlib.h>

AGENT_PLUGIN("abort")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    abort();
}

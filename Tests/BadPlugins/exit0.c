/* SPDX-License-Identifier: Apache-2.0
 *
 * exit0.c: ends the process as if all were well.
 */
#include "plugin.h"
#include <stdlib.h>

AGENT_PLUGIN("exit0")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    exit(0);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * sets-variable.c: leaves a variable in the environment that all plugins of its process share.
 */
#include "plugin.h"
#include <stdlib.h>

AGENT_PLUGIN("sets-variable")

static corral_status run_agent(corral_call call, const corral_request *request) {
    setenv("TEST_PLUGIN_WAS_HERE", "1", 1);
    return host->push_result(call, request->body);
}

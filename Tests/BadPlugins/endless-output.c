/* SPDX-License-Identifier: Apache-2.0
 *
 * endless-output.c: pushes partial output for ever, whatever the host answers.
 */
#include "plugin.h"

AGENT_PLUGIN("endless-output")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    for (;;) host->push_partial(call, SLICE("more and more and more and more and more and more and more\n"));
}

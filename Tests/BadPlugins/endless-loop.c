/* SPDX-License-Identifier: Apache-2.0
 *
 * endless-loop.c: never returns and never looks whether it should.
 */
#include "plugin.h"

AGENT_PLUGIN("endless-loop")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    for (volatile unsigned turns = 0;; turns++) {}
}

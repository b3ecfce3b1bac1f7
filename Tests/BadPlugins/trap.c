/* SPDX-License-Identifier: Apache-2.0
 *
 * trap.c: an illegal instruction, as a Swift fatalError ends.
 */
#include "plugin.h"

AGENT_PLUGIN("trap")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    __builtin_trap();
}

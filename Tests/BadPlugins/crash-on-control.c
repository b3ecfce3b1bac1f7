/* SPDX-License-Identifier: Apache-2.0
 *
 * crash-on-control.c: crashes on a control character, which no honest input has.
 */
#include "plugin.h"

AGENT_PLUGIN("crash-on-control")

static corral_status run_agent(corral_call call, const corral_request *request) {
    for (size_t i = 0; i < request->body.size; i++)
        if (request->body.data[i] > 0 && request->body.data[i] < 9) __builtin_trap();
    return host->push_result(call, request->body);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * endless-log.c: floods the log, then answers.
 */
#include "plugin.h"

AGENT_PLUGIN("endless-log")

static corral_status run_agent(corral_call call, const corral_request *request) {
    for (int line = 0; line < 100000; line++) host->log(call, CORRAL_LOG_INFO, SLICE("the same line again"));
    return host->push_result(call, request->body);
}

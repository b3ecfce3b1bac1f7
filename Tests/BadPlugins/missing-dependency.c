/* SPDX-License-Identifier: Apache-2.0
 *
 * missing-dependency.c: needs libcorral-absent.so, which is not there.
 */
#include "plugin.h"

int absent_answer(void);

AGENT_PLUGIN("missing-dependency")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    return absent_answer() == 42 ? host->push_result(call, SLICE("42")) : CORRAL_FAILED;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * two-exports.c: exports a second symbol.
 */
#include "plugin.h"

AGENT_PLUGIN("two-exports")

CORRAL_EXPORT int another_symbol(void);
CORRAL_EXPORT int another_symbol(void) { return 42; }

static corral_status run_agent(corral_call call, const corral_request *request) {
    return host->push_result(call, request->body);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * print.c: prints to standard output and standard error, which is untidy and harmless.
 */
#include "plugin.h"

AGENT_PLUGIN("print")

static corral_status run_agent(corral_call call, const corral_request *request) {
    printf("a line on standard output\n");
    fflush(stdout);
    fprintf(stderr, "a line on standard error\n");
    return host->push_result(call, request->body);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * flood-artifacts.c: makes ten thousand artifacts and answers how many the host took.
 */
#include "plugin.h"

AGENT_PLUGIN("flood-artifacts")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    int taken = 0;
    for (int i = 0; i < 10000; i++) {
        char name[32];
        snprintf(name, sizeof name, "file-%d", i);
        if (host->push_artifact(call, SLICE(name), SLICE("text/plain"), SLICE("x")) == CORRAL_OK) taken++;
    }
    char text[32];
    snprintf(text, sizeof text, "%d", taken);
    return host->push_result(call, SLICE(text));
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * flood-crash-pipe.c: writes for ever where a crashing worker writes 48 bytes.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("flood-crash-pipe")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call;
    (void)request;
    static char bytes[4096];
    for (;;)
        if (write(4, bytes, sizeof bytes) < 0) return CORRAL_FAILED;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * write-descriptors.c: writes to descriptors 0 to 3 as if they were its own. 0 is not writable, 1 and 2 are the
 * host's log, 3 is the worker's socket: garbage there ends the worker.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("write-descriptors")

static corral_status run_agent(corral_call call, const corral_request *request) {
    const char text[] = "this is no frame, but it goes where frames go";
    for (int descriptor = 0; descriptor <= 3; descriptor++) {
        ssize_t written = write(descriptor, text, sizeof text);
        (void)written;
    }
    return host->push_result(call, request->body);
}

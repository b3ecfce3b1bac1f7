/* SPDX-License-Identifier: Apache-2.0
 *
 * huge-frame.c: announces a frame of 4 GiB on the worker's socket.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("huge-frame")

static corral_status run_agent(corral_call call, const corral_request *request) {
    const uint32_t header[4] = {UINT32_MAX, 38, 1, 0};
    ssize_t written = write(3, header, sizeof header);
    (void)written;
    return host->push_result(call, request->body);
}

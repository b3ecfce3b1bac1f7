/* SPDX-License-Identifier: Apache-2.0
 *
 * slow.c: not bad: answers after the milliseconds that its input names.
 */
#include "plugin.h"
#include <stdlib.h>
#include <unistd.h>

AGENT_PLUGIN("slow")

static corral_status run_agent(corral_call call, const corral_request *request) {
    char text[16] = {0};
    const uint8_t *digits = memchr(request->body.data, ':', request->body.size);
    if (digits == NULL) return CORRAL_INVALID;
    size_t size = (size_t)(request->body.data + request->body.size - digits - 1);
    memcpy(text, digits + 1, size < sizeof text - 1 ? size : sizeof text - 1);
    usleep((useconds_t)strtoul(text, NULL, 10) * 1000);
    return host->push_result(call, request->body);
}

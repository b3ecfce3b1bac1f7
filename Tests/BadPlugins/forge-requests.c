/* SPDX-License-Identifier: Apache-2.0
 *
 * forge-requests.c: asks the host for the tool test/tools.size in the name of the call whose number it is given, past the
 * worker's own functions: {"call": 7} writes the frame to the worker's socket by hand.
 */
#include "plugin.h"
#include <stdlib.h>
#include <unistd.h>

AGENT_PLUGIN("forge-requests")

static size_t put_u32(uint8_t *at, uint32_t value) {
    memcpy(at, &value, sizeof value);
    return sizeof value;
}

static size_t put_text(uint8_t *at, const char *text) {
    size_t size = put_u32(at, (uint32_t)strlen(text));
    memcpy(at + size, text, strlen(text));
    return size + strlen(text);
}

static void forge(uint64_t call) {
    uint8_t frame[512], *payload = frame + 16;
    size_t size = put_u32(payload, 4711);
    size += put_text(payload + size, "corral.host.tool/1");
    size += put_text(payload + size, "test/tools.size");
    size += put_u32(payload + size, 2);
    memcpy(payload + size, "{}", 2);
    size += 2;
    uint32_t length = (uint32_t)size;
    uint16_t kind = 42, flags = 0;
    memcpy(frame, &length, 4);
    memcpy(frame + 4, &kind, 2);
    memcpy(frame + 6, &flags, 2);
    memcpy(frame + 8, &call, 8);
    ssize_t written = write(3, frame, 16 + size);
    (void)written;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    static const char key[] = "\"call\":";
    const uint8_t *number = memmem(request->body.data, request->body.size, key, sizeof key - 1);
    if (number == NULL) return CORRAL_INVALID;
    forge(strtoull((const char *)number + sizeof key - 1, NULL, 10));
    /* The frame is read before the result; what comes of it may take a moment more. */
    for (int i = 0; i < 50 && !host->is_cancelled(call); i++) usleep(5000);
    return host->push_result(call, SLICE("\"still here\""));
}

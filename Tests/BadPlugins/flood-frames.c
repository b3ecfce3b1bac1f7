/* SPDX-License-Identifier: Apache-2.0
 *
 * flood-frames.c: writes well-formed log frames past the worker's runtime, which would have held them back, as fast as
 * the socket takes them, for ever.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("flood-frames")

typedef struct __attribute__((packed)) log_frame {
    uint32_t payload_bytes;
    uint16_t kind;
    uint16_t flags;
    uint64_t call;
    uint32_t plugin;
    uint8_t level;
    uint32_t text_bytes;
    char text[7];
} log_frame;

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call;
    (void)request;
    static log_frame frames[1024];
    const log_frame one = {16, 41, 0, 0, 1, 2, 7, {'f', 'l', 'o', 'o', 'd', 'e', 'd'}};
    for (int i = 0; i < 1024; i++) frames[i] = one;
    const char *bytes = (const char *)frames;
    for (;;) {
        for (size_t sent = 0; sent < sizeof frames;) {
            ssize_t count = write(3, bytes + sent, sizeof frames - sent);
            if (count <= 0) return CORRAL_FAILED;
            sent += (size_t)count;
        }
    }
}

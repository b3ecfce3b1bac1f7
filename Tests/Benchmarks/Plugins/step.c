/* SPDX-License-Identifier: Apache-2.0
 *
 * step.c: one step of the chain: {i, s} → {i: i + 1, s: the payload of i + 1}, 1,024 bytes that differ from step to step.
 */
#include "bench.h"

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    long i = integer(request->body, "i") + 1;
    char unit[16], text[1024 + 64];
    int width = snprintf(unit, sizeof unit, "%08ld:", i);
    int size = snprintf(text, sizeof text, "{\"i\":%ld,\"s\":\"", i);
    for (int k = 0; k < 1024; k++) text[size++] = unit[k % width];
    text[size++] = '"';
    text[size++] = '}';
    return answer(call, text, (size_t)size);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c: the source of the fan-out: {n} → [0, 1, …, n - 1].
 */
#include "bench.h"

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    long count = integer(request->body, "n");
    if (count < 0 || count > 100000) return CORRAL_INVALID;
    char *text = malloc((size_t)count * 8 + 2);
    int size = 0;
    text[size++] = '[';
    for (long k = 0; k < count; k++) size += sprintf(text + size, k == 0 ? "%ld" : ",%ld", k);
    text[size++] = ']';
    corral_status status = answer(call, text, (size_t)size);
    free(text);
    return status;
}

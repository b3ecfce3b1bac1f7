/* SPDX-License-Identifier: Apache-2.0
 *
 * join.c: the join of the fan-out: a list of integers → their sum.
 */
#include "bench.h"

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    long sum = 0, number = 0;
    for (size_t k = 0; k < request->body.size; k++) {
        uint8_t byte = request->body.data[k];
        if (byte >= '0' && byte <= '9') number = number * 10 + (byte - '0');
        else sum += number, number = 0;
    }
    char text[32];
    return answer(call, text, (size_t)snprintf(text, sizeof text, "%ld", sum));
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * branch.c: one branch of the fan-out: k → k + 1.
 */
#include "bench.h"

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    char text[32];
    return answer(call, text, (size_t)snprintf(text, sizeof text, "%ld", integer(request->body, NULL) + 1));
}

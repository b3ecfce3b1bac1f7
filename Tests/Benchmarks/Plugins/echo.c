/* SPDX-License-Identifier: Apache-2.0
 *
 * echo.c: gives back what it is given: the round trip, and nothing of the plugin's own.
 */
#include "bench.h"

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    return host->push_result(call, request->body);
}

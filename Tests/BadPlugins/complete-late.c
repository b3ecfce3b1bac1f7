/* SPDX-License-Identifier: Apache-2.0
 *
 * complete-late.c: answers only after it was told to stop, and then once more.
 */
#include "plugin.h"
#include <pthread.h>
#include <unistd.h>

AGENT_PLUGIN("complete-late")

static void *answer(void *argument) {
    corral_call call = (corral_call)(uintptr_t)argument;
    while (!host->is_cancelled(call)) usleep(1000);
    usleep(100000);
    host->push_result(call, SLICE("\"late\""));
    host->complete(call, CORRAL_OK);
    host->complete(call, CORRAL_OK);
    return NULL;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    pthread_t thread;
    pthread_create(&thread, NULL, answer, (void *)(uintptr_t)call);
    pthread_detach(thread);
    return CORRAL_PENDING;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * write-from-thread.c: answers, and has a thread that outlives the call and writes garbage between the worker's frames.
 */
#include "plugin.h"
#include <pthread.h>
#include <unistd.h>

AGENT_PLUGIN("write-from-thread")

static void *scribble(void *unused) {
    (void)unused;
    static const char text[] = "these bytes are no frame at all";
    for (;;)
        if (write(3, text, sizeof text) < 0) return NULL;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, scribble, NULL) != 0) return CORRAL_FAILED;
    pthread_detach(thread);
    return host->push_result(call, request->body);
}

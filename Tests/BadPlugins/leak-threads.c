/* SPDX-License-Identifier: Apache-2.0
 *
 * leak-threads.c: starts threads that never end and answers.
 */
#include "plugin.h"
#include <pthread.h>
#include <unistd.h>

AGENT_PLUGIN("leak-threads")

static void *stay(void *unused) {
    for (;;) pause();
    return unused;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    for (int i = 0; i < 64; i++) {
        pthread_t thread;
        pthread_create(&thread, &attributes, stay, NULL);
    }
    return host->push_result(call, request->body);
}

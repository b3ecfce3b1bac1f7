/* SPDX-License-Identifier: Apache-2.0
 *
 * crash-on-own-thread.c: crashes on a thread the worker does not know, while its call is pending.
 */
#include "plugin.h"
#include <pthread.h>

AGENT_PLUGIN("crash-on-own-thread")

static void *crash(void *unused) {
    (void)unused;
    *(volatile int *)16 = 1;
    return NULL;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    pthread_t thread;
    pthread_create(&thread, NULL, crash, NULL);
    return CORRAL_PENDING;
}

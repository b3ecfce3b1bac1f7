/* SPDX-License-Identifier: Apache-2.0
 *
 * ignore-signals.c: ignores and blocks every signal a process may, in every thread it starts, and never answers.
 */
#include "plugin.h"
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

AGENT_PLUGIN("ignore-signals")

static void *stay(void *unused) {
    (void)unused;
    for (;;) {}
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call;
    (void)request;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
    pthread_t thread;
    if (pthread_create(&thread, NULL, stay, NULL) != 0) return CORRAL_FAILED;
    for (;;) pause();
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * stop-itself.c: stops its whole process. The first process of a pid namespace cannot be stopped from inside, so there it
 * goes on, and does nothing.
 */
#include "plugin.h"
#include <signal.h>
#include <unistd.h>

AGENT_PLUGIN("stop-itself")

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)call;
    (void)request;
    kill(getpid(), SIGSTOP);
    for (;;) pause();
}

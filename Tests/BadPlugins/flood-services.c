/* SPDX-License-Identifier: Apache-2.0
 *
 * flood-services.c: asks for a tool that it was not granted and for one that does not exist, ten thousand times, and
 * answers how many of its requests were answered well.
 */
#include "plugin.h"
#include <pthread.h>

AGENT_PLUGIN("flood-services")

#define REQUESTS 10000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int open_requests, granted;

static void answered(void *argument, corral_status status, corral_slice result) {
    (void)argument;
    (void)result;
    pthread_mutex_lock(&lock);
    open_requests--;
    if (status == CORRAL_OK) granted++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    const corral_host_tool *tools = host->get_extension(CORRAL_EXT_HOST_TOOL);
    if (tools == NULL) return CORRAL_DENIED;
    for (int i = 0; i < REQUESTS; i++) {
        corral_slice tool = i % 2 ? SLICE("corral/libm.pow") : SLICE("nobody/nothing.at-all");
        pthread_mutex_lock(&lock);
        open_requests++;
        pthread_mutex_unlock(&lock);
        if (tools->start(call, tool, SLICE("{\"x\":2,\"y\":10}"), answered, NULL) != CORRAL_OK) {
            pthread_mutex_lock(&lock);
            open_requests--;
            pthread_mutex_unlock(&lock);
        }
        pthread_mutex_lock(&lock);
        while (open_requests >= 60) pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_lock(&lock);
    while (open_requests > 0) pthread_cond_wait(&changed, &lock);
    int count = granted;
    pthread_mutex_unlock(&lock);
    char text[32];
    snprintf(text, sizeof text, "%d", count);
    return host->push_result(call, SLICE(text));
}

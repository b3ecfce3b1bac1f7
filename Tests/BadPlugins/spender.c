/* SPDX-License-Identifier: Apache-2.0
 *
 * spender.c: uses what it is told to, to be metered and limited: {"ms": sleep, "cpu_ms": burn, "mb": hold memory,
 * "threads": start, "log_kb": write log lines, "artifact_kb": push a file, "reply_kb": push a long result}. It stops when
 * it is cancelled, and replies its request.
 */
#include "plugin.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

AGENT_PLUGIN("spender")

/* The number after "name": in a JSON object that the tests write. */
static long member(corral_slice body, const char *name) {
    char key[32];
    int size = snprintf(key, sizeof key, "\"%s\":", name);
    const char *text = memmem(body.data, body.size, key, (size_t)size);
    return text == NULL ? 0 : strtol(text + size, NULL, 10);
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void burn(corral_call call, long ms) {
    double end = seconds(CLOCK_THREAD_CPUTIME_ID) + (double)ms / 1e3;
    while (seconds(CLOCK_THREAD_CPUTIME_ID) < end && !host->is_cancelled(call)) {}
}

static void rest(corral_call call, long ms) {
    double end = seconds(CLOCK_MONOTONIC) + (double)ms / 1e3;
    while (seconds(CLOCK_MONOTONIC) < end && !host->is_cancelled(call)) usleep(2000);
}

static void *idle(void *argument) {
    pause();
    return argument;
}

static void write_log(corral_call call, long kb) {
    static const char line[1024] = {[0 ... 1022] = 'l'};
    for (long count = 0; count < kb; count++) {
        host->log(call, CORRAL_LOG_INFO, (corral_slice){(const uint8_t *)line, sizeof line - 1});
        /* Below the rate of lines at which the host drops them anyway. */
        if (count % 8 == 7) usleep(20000);
    }
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    corral_slice body = request->body;
    size_t size = (size_t)member(body, "mb") << 20;
    volatile char *held = size == 0 ? NULL : malloc(size);
    if (size > 0 && held == NULL) return CORRAL_FAILED;
    for (size_t at = 0; at < size; at += 4096) held[at] = 1;
    for (long count = member(body, "threads"); count > 0; count--) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, idle, NULL) == 0) pthread_detach(thread);
    }
    write_log(call, member(body, "log_kb"));
    burn(call, member(body, "cpu_ms"));
    rest(call, member(body, "ms"));
    free((void *)held);
    long artifact = member(body, "artifact_kb");
    if (artifact > 0) {
        uint8_t block[1024];
        /* Different bytes for each size: equal files are stored once. */
        memset(block, (int)(artifact % 251), sizeof block);
        for (long count = 0; count < artifact; count++)
            if (host->push_artifact(call, SLICE("file"), SLICE("application/octet-stream"),
                                    (corral_slice){block, sizeof block}) != CORRAL_OK)
                return CORRAL_CANCELLED;
        return host->push_result(call, SLICE("{\"$artifact\":\"file\"}"));
    }
    long reply = member(body, "reply_kb");
    if (reply == 0) return host->push_result(call, body);
    static const char block[1025] = {[0 ... 1023] = 'r'};
    corral_status status = host->push_result(call, SLICE("\""));
    for (long count = 0; count < reply && status == CORRAL_OK; count++) status = host->push_result(call, SLICE(block));
    return status == CORRAL_OK ? host->push_result(call, SLICE("\"")) : status;
}

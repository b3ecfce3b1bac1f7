/* SPDX-License-Identifier: Apache-2.0
 *
 * flood-output.c: prints as much as it can in a second, with escape sequences, and answers how many bytes went out.
 */
#include "plugin.h"
#include <time.h>
#include <unistd.h>

AGENT_PLUGIN("flood-output")

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    static char block[32768];
    static const char line[] = "\033[2J\033]0;owned\007\r";
    for (size_t i = 0; i < sizeof block; i++) block[i] = i % 512 == 511 ? '\n' : line[i % (sizeof line - 1)];
    long long written = 0;
    for (double end = now() + 1; now() < end;) {
        ssize_t count = write(1, block, sizeof block);
        if (count > 0) written += count;
    }
    char text[32];
    snprintf(text, sizeof text, "%lld", written);
    return host->push_result(call, SLICE(text));
}

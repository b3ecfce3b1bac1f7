/* SPDX-License-Identifier: Apache-2.0
 *
 * append-line.c: not bad: an effect that can be counted. {"file": path, "line": text} appends the line to the file and
 * replies it. What tests with kill -9 look at: how often did a step really run?
 */
#include "plugin.h"
#include <fcntl.h>
#include <unistd.h>

AGENT_PLUGIN("append-line")

/* The string after "name": in a JSON object that the tests write without escapes and spaces. */
static size_t member(corral_slice body, const char *name, char *value, size_t capacity) {
    const char *text = memmem(body.data, body.size, name, strlen(name));
    if (text == NULL) return 0;
    const char *start = text + strlen(name);
    const char *end = memchr(start, '"', (size_t)((const char *)body.data + body.size - start));
    if (end == NULL || (size_t)(end - start) + 2 > capacity) return 0;
    memcpy(value, start, (size_t)(end - start));
    value[end - start] = 0;
    return (size_t)(end - start);
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    char file[512], line[128];
    size_t size = member(request->body, "\"line\":\"", line, sizeof line - 1);
    if (size == 0 || member(request->body, "\"file\":\"", file, sizeof file) == 0) return CORRAL_INVALID;
    usleep(1000 + (unsigned)line[size - 1] % 3 * 1000);
    int log = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log < 0) return CORRAL_FAILED;
    line[size] = '\n';
    ssize_t written = write(log, line, size + 1);
    close(log);
    if (written != (ssize_t)size + 1) return CORRAL_FAILED;
    char reply[160];
    line[size] = 0;
    snprintf(reply, sizeof reply, "\"%s\"", line);
    return host->push_result(call, SLICE(reply));
}

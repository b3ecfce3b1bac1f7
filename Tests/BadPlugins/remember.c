/* SPDX-License-Identifier: Apache-2.0
 *
 * remember.c: not bad: an agent that asks the memory of its host and answers what the host said:
 *   {"body": {...}, "method": "put"}
 */
#include <corral/wait.h>

#include "plugin.h"

#ifndef NAME
#define NAME "remember"
#endif

static const corral_host *host;

static corral_slice method(const corral_request *request) {
    const uint8_t *end = request->body.data + request->body.size;
    const uint8_t *at = memmem(request->body.data, request->body.size, "\"method\":\"", 10);
    if (at == NULL) return SLICE("");
    at += 10;
    const uint8_t *stop = memchr(at, '"', (size_t)(end - at));
    return stop == NULL ? SLICE("") : (corral_slice){at, (size_t)(stop - at)};
}

/* The object "body"; its strings hold no braces. */
static corral_slice body(const corral_request *request) {
    const uint8_t *end = request->body.data + request->body.size;
    const uint8_t *at = memmem(request->body.data, request->body.size, "\"body\":", 7);
    if (at == NULL) return SLICE("{}");
    at += 7;
    int depth = 0;
    for (const uint8_t *stop = at; stop < end; stop++) {
        if (*stop == '{') depth++;
        if (*stop == '}' && --depth == 0) return (corral_slice){at, (size_t)(stop - at + 1)};
    }
    return SLICE("{}");
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    corral_answer answer;
    corral_status status = corral_wait_memory(host, call, method(request), body(request), &answer);
    corral_slice words = {(const uint8_t *)(answer.bytes ? answer.bytes : ""), answer.size};
    if (status == CORRAL_OK) {
        status = host->push_result(call, words);
    } else {
        corral_error error = {sizeof error, 0, SLICE("memory_refused"), words, SLICE("")};
        host->set_error(call, &error);
    }
    corral_answer_free(&answer);
    return status;
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] =
    "{\"id\":\"test/" NAME "\",\"version\":\"1.0.0\",\"summary\":\"A plugin of the test suite\","
    "\"provides\":[\"corral.agent/1\"],\"grants\":{\"memory\":true},"
    "\"agent\":{\"role\":\"Remembers\",\"input\":{}}}";

static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

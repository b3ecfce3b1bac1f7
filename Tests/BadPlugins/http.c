/* SPDX-License-Identifier: Apache-2.0
 *
 * http.c: not bad: an agent that sends the HTTP request of its input and
 *   {"act": "ask", "request": {...}}      answers what the host said
 *   {"act": "hold", "request": {...}}     then waits until it is cancelled
 *   {"act": "stream", "request": {...}}   answers how many events came before the answer
 * Its manifest asks for one host, 127.0.0.1:PORT, so a test compiles it for its port.
 */
#include <corral/wait.h>

#include "plugin.h"

#include <stdatomic.h>

#ifndef PORT
#define PORT "80"
#endif

static const corral_host *host;
/* Where a test that looks into the memory finds the answer. */
static char kept[4096];

/* The object "request" as it stands in the input, to its last brace but one: it is the input's last member. */
static corral_slice inner(const corral_request *request) {
    const uint8_t *at = memmem(request->body.data, request->body.size, "\"request\":", 10);
    if (at == NULL) return SLICE("{}");
    at += 10;
    int depth = 0;
    for (const uint8_t *stop = at; stop < request->body.data + request->body.size; stop++) {
        if (*stop == '{') depth++;
        if (*stop == '}' && --depth == 0) return (corral_slice){at, (size_t)(stop - at + 1)};
    }
    return SLICE("{}");
}

static int asks_to(const corral_request *request, const char *act) {
    char text[64];
    snprintf(text, sizeof text, "\"act\":\"%s\"", act);
    return memmem(request->body.data, request->body.size, text, strlen(text)) != NULL;
}

/* Fails the call with the host's own words, so that a test can read them. */
static corral_status refused(corral_call call, corral_answer *answer) {
    corral_slice words = {(const uint8_t *)(answer->bytes ? answer->bytes : ""), answer->size};
    corral_error error = {sizeof error, 0, SLICE("service_refused"), words, SLICE("")};
    host->set_error(call, &error);
    corral_status status = answer->status;
    corral_answer_free(answer);
    return status;
}

static atomic_int events;

static void count(void *argument, corral_slice event) {
    (void)argument;
    const uint8_t *at = event.data, *end = event.data + event.size;
    while ((at = memmem(at, (size_t)(end - at), "\"data\":", 7)) != NULL) {
        at += 7;
        atomic_fetch_add(&events, 1);
    }
}

static corral_status stream(corral_call call, const corral_request *request) {
    const corral_host_http *service = host->get_extension(CORRAL_EXT_HOST_HTTP);
    corral_waiter *waiter = corral_waiter_new();
    if (service == NULL || waiter == NULL) return CORRAL_DENIED;
    atomic_store(&events, 0);
    corral_answer answer;
    corral_status started = service->start(call, inner(request), count, corral_waiter_done, waiter);
    if (corral_waiter_wait(host, call, waiter, started, &answer) < 0) return refused(call, &answer);
    corral_answer_free(&answer);
    char text[32];
    snprintf(text, sizeof text, "%d", atomic_load(&events));
    return host->push_result(call, SLICE(text));
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    if (asks_to(request, "stream")) return stream(call, request);
    corral_answer answer;
    if (corral_wait_http(host, call, inner(request), &answer) < 0) return refused(call, &answer);
    snprintf(kept, sizeof kept, "%s", answer.bytes);
    corral_status status = host->push_result(call, (corral_slice){(const uint8_t *)answer.bytes, answer.size});
    corral_answer_free(&answer);
    if (!asks_to(request, "hold")) return status;
    while (!host->is_cancelled(call)) usleep(1000);
    return CORRAL_CANCELLED;
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] =
    "{\"id\":\"test/http\",\"version\":\"1.0.0\",\"summary\":\"Makes HTTP requests\",\"provides\":[\"corral.agent/1\"],"
    "\"agent\":{\"role\":\"Makes HTTP requests\",\"input\":{}},"
    "\"grants\":{\"http\":[{\"host\":\"127.0.0.1\",\"scheme\":\"http\",\"ports\":[" PORT "],\"methods\":[\"GET\",\"POST\"]}]}}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1}, NULL, NULL, NULL,
    extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

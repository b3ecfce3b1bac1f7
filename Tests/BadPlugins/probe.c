/* SPDX-License-Identifier: Apache-2.0
 *
 * probe.c: not bad: it asks the host for what each sentence of host.h promises. The request is a JSON string that names
 * a scenario; the result is "ok", or the source line whose check failed.
 */
#include "plugin.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

AGENT_PLUGIN("probe")

#define CHECK(condition) \
    do { \
        if (!(condition)) return answer(call, __LINE__, #condition); \
    } while (0)

static const corral_slice nowhere = {NULL, 1};

/* A number and a text as one JSON string. */
static corral_status answer(corral_call call, int number, const char *what) {
    char text[512];
    int size = snprintf(text, sizeof text - 1, "\"%d %s", number, what);
    if (size > (int)sizeof text - 2) size = (int)sizeof text - 2;
    for (int i = 1; i < size; i++)
        if (text[i] == '"' || text[i] == '\\') text[i] = '\'';
    text[size] = '"';
    return host->push_result(call, (corral_slice){(const uint8_t *)text, (size_t)size + 1});
}

static corral_status ok(corral_call call) { return host->push_result(call, SLICE("\"ok\"")); }

static corral_status vtable(corral_call call, const corral_request *request) {
    CHECK(host->struct_size >= sizeof *host);
    CHECK(host->abi_major == CORRAL_ABI_MAJOR);
    CHECK(host->get_extension("corral.host.nonsense/1") == NULL);
    CHECK(host->get_extension("") == NULL);
    const corral_host_tool *tools = host->get_extension(CORRAL_EXT_HOST_TOOL);
    CHECK(tools != NULL && tools->struct_size >= sizeof *tools && tools->start != NULL);
    CHECK(request->struct_size >= sizeof *request);
    return ok(call);
}

static corral_status fields(corral_call call, const corral_request *request) {
    char text[1024];
    int size = snprintf(
        text, sizeof text, "\"%u|%llu|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s\"", request->depth,
        (unsigned long long)request->deadline_ns, (int)request->user.size, (const char *)request->user.data,
        (int)request->feature.size, (const char *)request->feature.data, (int)request->session.size,
        (const char *)request->session.data, (int)request->task_type.size, (const char *)request->task_type.data,
        (int)request->complexity.size, (const char *)request->complexity.data, (int)request->idempotency_key.size,
        (const char *)request->idempotency_key.data);
    return host->push_result(call, (corral_slice){(const uint8_t *)text, (size_t)size});
}

static void no_callback(void *argument, corral_call call) { (void)argument, (void)call; }

static corral_status invalid(corral_call call, const corral_request *request) {
    (void)request;
    corral_slice content, text = SLICE("x"), type = SLICE("text/plain");
    char long_name[130];
    memset(long_name, 'n', sizeof long_name);
    corral_error error = {sizeof error, 0, SLICE("UPPER"), text, {0}}, short_error = error;
    short_error.struct_size = 8;
    CHECK(host->push_result(call, nowhere) == CORRAL_INVALID);
    CHECK(host->push_partial(call, nowhere) == CORRAL_INVALID);
    CHECK(host->push_progress(call, 0.5, nowhere) == CORRAL_INVALID);
    CHECK(host->push_progress(call, 1.5, text) == CORRAL_INVALID);
    CHECK(host->push_progress(call, -0.1, text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, SLICE(""), type, text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, SLICE("a/b"), type, text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, SLICE(".."), type, text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, SLICE("a\nb"), type, text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, SLICE("\xff"), type, text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, (corral_slice){(uint8_t *)long_name, 129}, type, text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, SLICE("a"), SLICE("text"), text) == CORRAL_INVALID);
    CHECK(host->push_artifact(call, SLICE("a"), type, nowhere) == CORRAL_INVALID);
    CHECK(host->read_artifact(call, SLICE("sha256:none"), &content) == CORRAL_INVALID);
    CHECK(host->set_confidence(call, 1.01) == CORRAL_INVALID);
    CHECK(host->set_confidence(call, 0.0 / 0.0) == CORRAL_INVALID);
    CHECK(host->add_change(call, SLICE(""), text) == CORRAL_INVALID);
    CHECK(host->set_error(call, &error) == CORRAL_INVALID);
    CHECK(host->set_error(call, &short_error) == CORRAL_INVALID);
    error.code = SLICE("fine");
    error.details = SLICE("{no json");
    CHECK(host->set_error(call, &error) == CORRAL_INVALID);
    CHECK(host->complete(call, CORRAL_PENDING) == CORRAL_INVALID);
    CHECK(host->on_cancel(call, no_callback, NULL) == CORRAL_OK);
    CHECK(host->on_cancel(call, no_callback, NULL) == CORRAL_INVALID);
    return ok(call);
}

static corral_status empty(corral_call call, const corral_request *request) {
    (void)request;
    const corral_slice nothing = {NULL, 0};
    CHECK(host->push_result(call, nothing) == CORRAL_OK);
    CHECK(host->push_partial(call, nothing) == CORRAL_OK);
    CHECK(host->push_progress(call, 0.0 / 0.0, nothing) == CORRAL_OK);
    CHECK(host->push_artifact(call, SLICE("empty.txt"), SLICE("text/plain; charset=utf-8"), nothing) == CORRAL_OK);
    host->log(call, CORRAL_LOG_INFO, nothing);
    host->log(call, CORRAL_LOG_INFO, nowhere);
    return ok(call);
}

static corral_status limits(corral_call call, const corral_request *request) {
    (void)request;
    for (int i = 0; i < 256; i++) CHECK(host->add_change(call, SLICE("file_changes"), SLICE("f")) == CORRAL_OK);
    CHECK(host->add_change(call, SLICE("file_changes"), SLICE("f")) == CORRAL_LIMIT);
    char name[16];
    for (int i = 0; i < 64; i++) {
        snprintf(name, sizeof name, "file%d", i);
        CHECK(host->push_artifact(call, SLICE(name), SLICE("text/plain"), SLICE("x")) == CORRAL_OK);
    }
    CHECK(host->push_artifact(call, SLICE("one-more"), SLICE("text/plain"), SLICE("x")) == CORRAL_LIMIT);
    CHECK(host->push_artifact(call, SLICE("file0"), SLICE("text/plain"), SLICE("y")) == CORRAL_OK);
    size_t size = 17u << 20;
    char *large = calloc(1, size);
    corral_status status = host->push_partial(call, (corral_slice){(uint8_t *)large, size});
    free(large);
    CHECK(status == CORRAL_LIMIT);
    return ok(call);
}

static corral_status error(corral_call call, const corral_request *request) {
    (void)request;
    corral_error first = {sizeof first, 0, SLICE("first"), SLICE("the first reason"), {0}};
    corral_error last = {sizeof last, 1, SLICE("rate_limited"), SLICE("too many requests"), SLICE("{\"after\":3}")};
    host->set_error(call, &first);
    host->set_error(call, &last);
    return CORRAL_UNAVAILABLE;
}

static corral_status error_defaults(corral_call call, const corral_request *request) {
    (void)request;
    static char message[20000];
    memset(message, 'm', sizeof message);
    corral_error error = {sizeof error, 0, {0}, {(uint8_t *)message, sizeof message}, {0}};
    CHECK(host->set_error(call, &error) == CORRAL_OK);
    return CORRAL_FAILED;
}

static corral_status facts(corral_call call, const corral_request *request) {
    (void)request;
    CHECK(host->set_confidence(call, 0.25) == CORRAL_OK);
    CHECK(host->set_confidence(call, 0.75) == CORRAL_OK);
    CHECK(host->add_change(call, SLICE("database_schema_changes"), SLICE("orders")) == CORRAL_OK);
    return ok(call);
}

static corral_status files(corral_call call, const corral_request *request) {
    (void)request;
    corral_slice content, again;
    CHECK(host->read_artifact(call, SLICE("sha256:one"), &content) == CORRAL_OK);
    CHECK(content.size == 7 && memcmp(content.data, "content", 7) == 0);
    CHECK(host->read_artifact(call, SLICE("sha256:one"), &again) == CORRAL_OK);
    CHECK(again.data == content.data);
    CHECK(host->read_artifact(call, SLICE("sha256:empty"), &again) == CORRAL_OK && again.size == 0);
    CHECK(host->push_artifact(call, SLICE("out.txt"), SLICE("text/plain"), SLICE("first ")) == CORRAL_OK);
    CHECK(host->push_artifact(call, SLICE("out.txt"), SLICE("text/plain"), content) == CORRAL_OK);
    return ok(call);
}

static corral_status progress(corral_call call, const corral_request *request) {
    (void)request;
    for (int i = 0; i < 1000; i++) CHECK(host->push_progress(call, i / 1000.0, SLICE("working")) == CORRAL_OK);
    return ok(call);
}

static corral_status text(corral_call call, const corral_request *request) {
    (void)request;
    static char euros[300000];
    for (size_t i = 0; i + 3 <= sizeof euros; i += 3) memcpy(euros + i, "\xe2\x82\xac", 3);
    CHECK(host->push_partial(call, (corral_slice){(uint8_t *)euros, sizeof euros}) == CORRAL_OK);
    return ok(call);
}

static corral_status pieces(corral_call call, const corral_request *request) {
    (void)request;
    CHECK(host->push_result(call, SLICE("[")) == CORRAL_OK);
    for (int i = 0; i < 10000; i++) CHECK(host->push_result(call, SLICE("123456,")) == CORRAL_OK);
    return host->push_result(call, SLICE("0]"));
}

static corral_status large(corral_call call, const corral_request *request) {
    (void)request;
    size_t size = 3u << 20;
    char *digits = malloc(size);
    memset(digits, '7', size);
    corral_status status = host->push_result(call, (corral_slice){(uint8_t *)digits, size});
    free(digits);
    return status;
}

/* Too large, and the plugin does not care. */
static corral_status oversize(corral_call call, const corral_request *request) {
    (void)request;
    size_t size = 65u << 20;
    char *bytes = calloc(1, size);
    corral_status status = host->push_result(call, (corral_slice){(uint8_t *)bytes, size});
    free(bytes);
    CHECK(status == CORRAL_LIMIT);
    CHECK(host->push_result(call, SLICE("1")) == CORRAL_LIMIT);
    return CORRAL_OK;
}

static void *complete_later(void *argument) {
    corral_call call = (corral_call)(uintptr_t)argument;
    host->push_result(call, SLICE("\"from my own thread\""));
    host->complete(call, CORRAL_OK);
    return NULL;
}

static corral_status pending(corral_call call, const corral_request *request) {
    (void)request;
    pthread_t thread;
    pthread_create(&thread, NULL, complete_later, (void *)(uintptr_t)call);
    pthread_detach(thread);
    return CORRAL_PENDING;
}

/* Completed by another thread before this returns; the request must stay readable until then. */
static corral_status early(corral_call call, const corral_request *request) {
    pthread_t thread;
    pthread_create(&thread, NULL, complete_later, (void *)(uintptr_t)call);
    pthread_join(thread, NULL);
    unsigned sum = 0;
    for (size_t i = 0; i < request->body.size; i++) sum += request->body.data[i];
    if (sum == 0 || host->complete(call, CORRAL_OK) != CORRAL_GONE || host->is_cancelled(call) != 1) abort();
    return CORRAL_PENDING;
}

static corral_status positive(corral_call call, const corral_request *request) {
    (void)request;
    ok(call);
    return 7;
}

static corral_status negative(corral_call call, const corral_request *request) {
    (void)call, (void)request;
    return -77;
}

static void until_cancelled(corral_call call) {
    while (!host->is_cancelled(call)) usleep(200);
}

static corral_status poll_cancel(corral_call call, const corral_request *request) {
    (void)request;
    host->push_partial(call, SLICE("running"));
    until_cancelled(call);
    return CORRAL_CANCELLED;
}

static corral_status push_after_cancel(corral_call call, const corral_request *request) {
    (void)request;
    host->push_partial(call, SLICE("running"));
    until_cancelled(call);
    if (host->push_result(call, SLICE("1")) != CORRAL_CANCELLED) abort();
    if (host->push_partial(call, SLICE("1")) != CORRAL_CANCELLED) abort();
    if (host->push_artifact(call, SLICE("a"), SLICE("text/plain"), SLICE("1")) != CORRAL_CANCELLED) abort();
    if (host->push_progress(call, 1, SLICE("still allowed")) != CORRAL_OK) abort();
    return CORRAL_OK;
}

static void complete_cancelled(void *argument, corral_call call) {
    if (argument != &plugin) abort();
    host->complete(call, CORRAL_CANCELLED);
}

static corral_status callback(corral_call call, const corral_request *request) {
    (void)request;
    host->on_cancel(call, complete_cancelled, (void *)&plugin);
    host->push_partial(call, SLICE("running"));
    return CORRAL_PENDING;
}

static corral_status late_callback(corral_call call, const corral_request *request) {
    (void)request;
    host->push_partial(call, SLICE("running"));
    until_cancelled(call);
    host->on_cancel(call, complete_cancelled, (void *)&plugin);
    if (host->complete(call, CORRAL_OK) != CORRAL_GONE) abort();
    return CORRAL_OK;
}

static atomic_int is_inside, callback_runs;

static void slow_callback(void *argument, corral_call call) {
    (void)call;
    atomic_fetch_add(&callback_runs, 1);
    atomic_store(&is_inside, 1);
    usleep(50000);
    *(atomic_int *)argument = 0;
}

/* Completes while the callback runs on another thread: complete must wait, or the callback writes to freed memory. */
static corral_status callback_race(corral_call call, const corral_request *request) {
    (void)request;
    atomic_int *owned = malloc(sizeof *owned);
    atomic_store(owned, 1);
    host->on_cancel(call, slow_callback, owned);
    host->push_partial(call, SLICE("running"));
    while (!atomic_load(&is_inside)) usleep(100);
    host->complete(call, CORRAL_CANCELLED);
    int has_run = atomic_load(owned) == 0;
    free(owned);
    if (!has_run) abort();
    return CORRAL_PENDING;
}

static corral_status count_callbacks(corral_call call, const corral_request *request) {
    (void)request;
    CHECK(atomic_load(&callback_runs) == 1);
    return ok(call);
}

static atomic_int abandoned;

static void abandoned_completion(void *argument, corral_status status, corral_slice result) {
    (void)argument;
    if (status == CORRAL_GONE && result.size == 0) atomic_fetch_add(&abandoned, 1);
}

static void pass_on(void *argument, corral_status status, corral_slice result) {
    corral_call call = (corral_call)(uintptr_t)argument;
    if (status == CORRAL_OK) host->push_result(call, result);
    host->complete(call, status);
}

static const corral_host_tool *tools(void) { return host->get_extension(CORRAL_EXT_HOST_TOOL); }

static corral_status tool(corral_call call, const corral_request *request) {
    (void)request;
    void *argument = (void *)(uintptr_t)call;
    CHECK(tools()->start(call, SLICE("test/other.add"), SLICE("{\"a\":1}"), pass_on, argument) == CORRAL_OK);
    return CORRAL_PENDING;
}

static corral_status large_tool(corral_call call, const corral_request *request) {
    (void)request;
    static char arguments[200000];
    memset(arguments, ' ', sizeof arguments);
    arguments[0] = '{';
    arguments[sizeof arguments - 1] = '}';
    corral_slice slice = {(uint8_t *)arguments, sizeof arguments};
    CHECK(tools()->start(call, SLICE("test/other.add"), slice, pass_on, (void *)(uintptr_t)call) == CORRAL_OK);
    return CORRAL_PENDING;
}

static corral_status tool_limits(corral_call call, const corral_request *request) {
    (void)request;
    corral_slice name = SLICE("test/other.add"), arguments = SLICE("{}");
    CHECK(tools()->start(call, name, SLICE("[]"), abandoned_completion, NULL) == CORRAL_INVALID);
    CHECK(tools()->start(call, name, SLICE("{"), abandoned_completion, NULL) == CORRAL_INVALID);
    CHECK(tools()->start(call, name, arguments, NULL, NULL) == CORRAL_INVALID);
    CHECK(tools()->start(call, SLICE(""), arguments, abandoned_completion, NULL) == CORRAL_INVALID);
    CHECK(tools()->start(call ^ (1ull << 40), name, arguments, abandoned_completion, NULL) == CORRAL_GONE);
    for (int i = 0; i < 64; i++) CHECK(tools()->start(call, name, arguments, abandoned_completion, NULL) == CORRAL_OK);
    CHECK(tools()->start(call, name, arguments, abandoned_completion, NULL) == CORRAL_LIMIT);
    return ok(call);
}

static corral_status count_abandoned(corral_call call, const corral_request *request) {
    (void)request;
    while (atomic_load(&abandoned) < 64 && !host->is_cancelled(call)) usleep(200);
    return answer(call, atomic_load(&abandoned), "abandoned");
}

static corral_status logs(corral_call call, const corral_request *request) {
    (void)request;
    static char line[20000];
    memset(line, 'l', sizeof line);
    host->log(call, CORRAL_LOG_WARNING, SLICE("about this call"));
    host->log(CORRAL_NO_CALL, CORRAL_LOG_ERROR, SLICE("about none"));
    host->log(call, 99, SLICE("level out of range"));
    host->log(call, CORRAL_LOG_INFO, (corral_slice){(uint8_t *)line, sizeof line});
    return ok(call);
}

typedef struct scenario {
    const char *name;
    corral_status (*run)(corral_call call, const corral_request *request);
} scenario;

static const scenario scenarios[] = {
    {"vtable", vtable}, {"fields", fields}, {"invalid", invalid}, {"empty", empty}, {"limits", limits},
    {"error", error}, {"error_defaults", error_defaults}, {"facts", facts}, {"files", files},
    {"progress", progress}, {"text", text},
    {"pieces", pieces}, {"large", large}, {"oversize", oversize}, {"pending", pending}, {"early", early},
    {"positive", positive}, {"negative", negative}, {"poll_cancel", poll_cancel},
    {"push_after_cancel", push_after_cancel}, {"callback", callback}, {"late_callback", late_callback},
    {"callback_race", callback_race}, {"count_callbacks", count_callbacks}, {"tool", tool}, {"large_tool", large_tool},
    {"tool_limits", tool_limits}, {"count_abandoned", count_abandoned}, {"logs", logs},
};

static corral_status run_agent(corral_call call, const corral_request *request) {
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        size_t length = strlen(scenarios[i].name);
        if (request->body.size == length + 2 && memcmp(request->body.data + 1, scenarios[i].name, length) == 0)
            return scenarios[i].run(call, request);
    }
    return host->push_result(call, SLICE("\"no such scenario\""));
}

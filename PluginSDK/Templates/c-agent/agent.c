/* SPDX-License-Identifier: Apache-2.0
 *
 * agent.c: a whole Corral agent in C. It needs the headers of the SDK and any C11 compiler. `make` builds
 * echo.so, which goes into plugins.d/.
 */
#include <corral/corral.h>
#include <string.h>

static const corral_host *host;

/* The manifest is what the host knows about the plugin before it calls it. The same bytes every time. */
static const char manifest[] =
    "{\"id\":\"acme/echo\",\"version\":\"1.0.0\",\"summary\":\"Gives back its input\","
    "\"provides\":[\"corral.agent/1\"],"
    "\"agent\":{\"role\":\"Gives back its input\",\"input\":{\"type\":\"object\"},"
    "\"output\":{\"type\":\"object\",\"properties\":{\"echo\":{\"type\":\"object\"}},\"required\":[\"echo\"]}}}";

static corral_slice text(const char *words) {
    return (corral_slice){(const uint8_t *)words, strlen(words)};
}

/* Gives the reason and the status of a call that fails. The message reaches the user as written. */
static corral_status fail(corral_call call, corral_status status, const char *code, const char *message) {
    corral_error error = {.struct_size = sizeof error, .code = text(code), .message = text(message)};
    host->set_error(call, &error);
    return status;
}

/* Called by any of the worker's threads, several at a time. The request lives until this returns. */
static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    /* The host has checked that the body is JSON and fits the schema: of two bytes there is only {}. */
    if (request->body.size == 2) return fail(call, CORRAL_INVALID, "nothing", "there is nothing to give back");
    if (host->is_cancelled(call)) return CORRAL_CANCELLED;
    host->push_progress(call, 0.5, text("echoing"));

    corral_status status = host->push_result(call, text("{\"echo\":"));
    if (status == CORRAL_OK) status = host->push_result(call, request->body);
    if (status == CORRAL_OK) status = host->push_result(call, text("}"));
    return status;
}

static const void *get_extension(void *instance, const char *id) {
    static const corral_agent agent = {.struct_size = sizeof agent, .run = run};
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static const corral_plugin plugin = {
        .struct_size = sizeof plugin,
        .abi_major = CORRAL_ABI_MAJOR,
        .abi_minor = CORRAL_ABI_MINOR,
        .manifest = {(const uint8_t *)manifest, sizeof manifest - 1},
        .get_extension = get_extension,
    };
    if (given->abi_major != CORRAL_ABI_MAJOR || given->struct_size < sizeof *given) return NULL;
    host = given;
    return &plugin;
}

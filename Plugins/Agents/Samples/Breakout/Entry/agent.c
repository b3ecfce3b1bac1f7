/* SPDX-License-Identifier: Apache-2.0
 *
 * agent.c: corral/breakout, a hostile agent of Corral's own. Asked for its list, it names its attempts; given one, it makes
 * it from inside the worker and says what came of it, if it lives to say so.
 */
#include <corral/corral.h>
#include <stdio.h>
#include <string.h>

#include "breakout.h"

static const corral_host *host;
static corral_call current;

/* One call at a time: an attempt must be the only one in its process to be judged. */
static const char manifest[] =
    "{\"id\":\"corral/breakout\",\"version\":\"1.0.0\","
    "\"summary\":\"A hostile agent: tries to leave its sandbox\",\"provides\":[\"" CORRAL_EXT_AGENT "\"],"
    "\"serial\":true,\"isolate\":true,"
    "\"agent\":{\"role\":\"Attempts to escape, and says how it was blocked\","
    "\"input\":{\"type\":\"object\",\"properties\":{\"attempt\":{\"type\":\"string\"},"
    "\"targets\":{\"type\":\"object\"}}}}}";

static corral_slice text(const char *words) {
    return (corral_slice){(const uint8_t *)words, strlen(words)};
}

static void log_line(const char *line) { host->log(current, CORRAL_LOG_WARNING, text(line)); }

static corral_status push_text(corral_call call, const char *before, const char *words) {
    char buffer[512];
    corral_status status = host->push_result(call, text(before));
    if (status != CORRAL_OK) return status;
    return host->push_result(call, (corral_slice){(uint8_t *)buffer, breakout_write_string(buffer, sizeof buffer, words)});
}

static corral_status push_flag(corral_call call, const char *before, int is_set) {
    corral_status status = host->push_result(call, text(before));
    return status == CORRAL_OK ? host->push_result(call, text(is_set ? "true" : "false")) : status;
}

static corral_status push_attempt(corral_call call, const breakout_attempt *attempt, const char *before) {
    uint32_t flags = attempt->flags;
    corral_status status = push_text(call, before, attempt->name);
    if (status == CORRAL_OK) status = push_text(call, ",\"class\":", breakout_class_of(attempt));
    if (status == CORRAL_OK) status = push_text(call, ",\"summary\":", attempt->summary);
    if (status == CORRAL_OK) status = push_text(call, ",\"judge\":", breakout_judge_name(attempt->judge));
    if (status == CORRAL_OK) status = push_flag(call, ",\"dies_of_limit\":", flags & BREAKOUT_DIES_OF_LIMIT);
    if (status == CORRAL_OK) status = push_flag(call, ",\"dies_of_fault\":", flags & BREAKOUT_DIES_OF_FAULT);
    if (status == CORRAL_OK) status = push_flag(call, ",\"heavy\":", flags & BREAKOUT_IS_HEAVY);
    return status == CORRAL_OK ? host->push_result(call, text("}")) : status;
}

static corral_status list(corral_call call) {
    const char *before = "{\"attempts\":[{\"name\":";
    for (const breakout_group *group = breakout_first_group(); group->class_name != NULL; group++)
        for (const breakout_attempt *attempt = group->attempts; attempt->name != NULL; attempt++) {
            corral_status status = push_attempt(call, attempt, before);
            if (status != CORRAL_OK) return status;
            before = ",{\"name\":";
        }
    return host->push_result(call, text("]}"));
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    static breakout_targets targets;
    char name[64];
    (void)instance;
    if (!breakout_read_request(request->body.data, request->body.size, name, sizeof name, &targets)) return list(call);
    const breakout_attempt *attempt = breakout_find(name);
    if (attempt == NULL) {
        corral_error error = {
            .struct_size = sizeof error, .code = text("unknown_attempt"), .message = text("there is no such attempt")};
        host->set_error(call, &error);
        return CORRAL_INVALID;
    }
    current = call;
    breakout_log = log_line;
    breakout_result result = breakout_run(attempt, &targets);
    corral_status status = push_text(call, "{\"attempt\":", attempt->name);
    if (status == CORRAL_OK) status = push_text(call, ",\"outcome\":", breakout_outcome_name(result.outcome));
    if (status == CORRAL_OK) status = push_text(call, ",\"detail\":", result.detail);
    return status == CORRAL_OK ? host->push_result(call, text("}")) : status;
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

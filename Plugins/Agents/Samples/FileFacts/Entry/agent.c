/* SPDX-License-Identifier: Apache-2.0
 *
 * agent.c: corral/file-facts, an agent in C. It says what a file is before anybody trusts it: how many lines, which
 * line endings, which encoding.
 */
#include <corral/corral.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file_facts.h"

/* Between two pieces the agent asks whether it should stop: a millisecond's work. */
#define PIECE_BYTES ((size_t)1 << 20)

static const corral_host *host;

#define NUMBER_OR_NULL "{\"type\":[\"integer\",\"null\"]}"

static const char manifest[] =
    "{\"id\":\"corral/file-facts\",\"version\":\"1.0.0\","
    "\"summary\":\"Size, lines, line endings and encoding of a file\",\"provides\":[\"" CORRAL_EXT_AGENT "\"],"
    "\"agent\":{\"role\":\"Says what a file is, from its bytes\","
    "\"input\":{\"type\":\"object\",\"properties\":{\"file\":{\"type\":\"object\",\"format\":\"artifact\","
    "\"properties\":{\"$artifact\":{\"type\":\"string\"}},\"required\":[\"$artifact\"]}},\"required\":[\"file\"]},"
    "\"output\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":[\"string\",\"null\"]},"
    "\"bytes\":{\"type\":\"integer\"},\"encoding\":{\"type\":\"string\"},\"lines\":" NUMBER_OR_NULL ","
    "\"blank_lines\":" NUMBER_OR_NULL ",\"longest_line\":" NUMBER_OR_NULL ","
    "\"line_endings\":{\"type\":[\"string\",\"null\"],\"enum\":[\"none\",\"lf\",\"crlf\",\"cr\",\"mixed\",null]}},"
    "\"required\":[\"bytes\",\"encoding\"]}}}";

static corral_slice text(const char *words) {
    return (corral_slice){(const uint8_t *)words, strlen(words)};
}

static corral_status fail(corral_call call, corral_status status, const char *code, const char *message) {
    corral_error error = {.struct_size = sizeof error, .code = text(code), .message = text(message)};
    host->set_error(call, &error);
    return status;
}

/* Returns 0 when the call should stop. */
static int count(corral_call call, corral_slice content, file_facts *facts) {
    file_facts_begin(facts);
    for (size_t at = 0; at < content.size; at += PIECE_BYTES) {
        if (host->is_cancelled(call)) return 0;
        size_t left = content.size - at;
        file_facts_add(facts, content.data + at, left < PIECE_BYTES ? left : PIECE_BYTES);
        host->push_progress(call, (double)at / (double)content.size, text("reading"));
    }
    file_facts_end(facts);
    return 1;
}

static corral_status push_facts(corral_call call, file_facts_text name, const file_facts *facts) {
    char json[512];
    int size;
    const char *encoding = file_facts_encoding(facts);
    if (file_facts_has_lines(facts)) {
        size = snprintf(
            json, sizeof json,
            ",\"bytes\":%" PRIu64 ",\"encoding\":\"%s\",\"lines\":%" PRIu64 ",\"blank_lines\":%" PRIu64
            ",\"longest_line\":%" PRIu64 ",\"line_endings\":\"%s\"}",
            facts->bytes, encoding, facts->lines, facts->blank_lines, facts->longest_line, file_facts_endings(facts));
    } else {
        size = snprintf(
            json, sizeof json,
            ",\"bytes\":%" PRIu64 ",\"encoding\":\"%s\",\"lines\":null,\"blank_lines\":null,\"longest_line\":null"
            ",\"line_endings\":null}",
            facts->bytes, encoding);
    }
    if (size < 0 || (size_t)size >= sizeof json) return fail(call, CORRAL_FAILED, "failed", "the facts do not fit");
    /* The name is still the JSON text it was in the input. */
    corral_status status = host->push_result(call, text(name.data == NULL ? "{\"name\":null" : "{\"name\":\""));
    if (status == CORRAL_OK && name.data != NULL) {
        status = host->push_result(call, (corral_slice){name.data, name.size});
        if (status == CORRAL_OK) status = host->push_result(call, text("\""));
    }
    if (status != CORRAL_OK) return status;
    return host->push_result(call, (corral_slice){(const uint8_t *)json, (size_t)size});
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    file_facts_text reference, name;
    file_facts facts;
    corral_slice content = {NULL, 0};
    (void)instance;
    if (!file_facts_find_input(request->body.data, request->body.size, &reference, &name)) {
        return fail(call, CORRAL_INVALID, "invalid_input", "the input has no file: {\"file\": <a file>} is expected");
    }
    corral_status status = host->read_artifact(call, (corral_slice){reference.data, reference.size}, &content);
    if (status == CORRAL_INVALID) {
        return fail(call, CORRAL_INVALID, "unknown_artifact", "the input's file is not one of this call");
    }
    if (status < CORRAL_OK) return status;
    if (!count(call, content, &facts)) return CORRAL_CANCELLED;
    return push_facts(call, name, &facts);
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

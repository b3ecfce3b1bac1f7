/* SPDX-License-Identifier: Apache-2.0
 *
 * services.c: not bad: an agent that does with host services what its input says, with the blocking helpers of wait.h:
 *   {"act": "offered"}                                  which services get_extension has
 *   {"act": "connect", "to": "host:port"}               connects, says nothing, closes
 *   {"act": "redis", "to", "secret", "value"}           AUTH with the secret, PING, SET, GET, in RESP over the socket
 *   {"act": "keep", "to": "host:port"}                  connects, leaves the socket open and completes
 *   {"act": "secret", "secret": "NAME"}                 asks for the secret, keeps it and answers its length
 *   {"act": "run", "request": {...}}                    runs a program to its end, answers what the host said
 *   {"act": "start", "request": {...}, "input": text}   starts one, writes, reads to the end, waits for the exit
 *   {"act": "leave", "request": {...}}                  starts one, waits for its first output and completes
 *   {"act": "hold"}                                     waits until it is cancelled
 * Its manifest asks for one endpoint, 127.0.0.1:PORT, so a test compiles it for its port.
 */
#include <corral/wait.h>

#include "plugin.h"

#include <stdatomic.h>

#ifndef PORT
#define PORT "6379"
#endif
#ifndef NAME
#define NAME "services"
#endif

static const corral_host *host;
/* Where a test that looks for secrets in memory is to find the one that was revealed. */
static char kept[256];

/* The member's text or object as it stands in the JSON, whose strings have no escapes here. */
static corral_slice member(const corral_request *request, const char *name) {
    char key[64];
    int length = snprintf(key, sizeof key, "\"%s\":", name);
    const uint8_t *end = request->body.data + request->body.size;
    const uint8_t *at = memmem(request->body.data, request->body.size, key, (size_t)length);
    if (at == NULL) return SLICE("");
    at += length;
    if (*at == '"') {
        const uint8_t *stop = memchr(at + 1, '"', (size_t)(end - at - 1));
        return stop == NULL ? SLICE("") : (corral_slice){at + 1, (size_t)(stop - at - 1)};
    }
    int depth = 0;
    for (const uint8_t *stop = at; stop < end; stop++) {
        if (*stop == '{') depth++;
        if (*stop == '}' && --depth == 0) return (corral_slice){at, (size_t)(stop - at + 1)};
    }
    return SLICE("");
}

static int is(corral_slice text, const char *word) {
    return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
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

static corral_status offered(corral_call call) {
    static const char *ids[] = {"corral.host.tool/1", "corral.host.http/1", "corral.host.connect/1",
                                "corral.host.process/1", "corral.host.secret/1"};
    host->push_result(call, SLICE("["));
    for (int i = 0, count = 0; i < 5; i++) {
        if (host->get_extension(ids[i]) == NULL) continue;
        char text[64];
        snprintf(text, sizeof text, "%s\"%s\"", count++ ? "," : "", ids[i]);
        host->push_result(call, SLICE(text));
    }
    return host->push_result(call, SLICE("]"));
}

static int say(int socket, const char *text) { return write(socket, text, strlen(text)) == (ssize_t)strlen(text); }

/* One reply of a line or a bulk string: RESP2. */
static int hear(int socket, char *line, size_t size) {
    size_t used = 0;
    while (used + 1 < size) {
        if (read(socket, line + used, 1) != 1) return 0;
        if (line[used] == '\n') break;
        used++;
    }
    line[used > 0 ? used - 1 : 0] = 0;
    if (line[0] != '$') return 1;
    size_t length = (size_t)atoi(line + 1), got = 0;
    if (length + 3 > size) return 0;
    while (got < length + 2) {
        ssize_t count = read(socket, line + got, length + 2 - got);
        if (count <= 0) return 0;
        got += (size_t)count;
    }
    line[length] = 0;
    return 1;
}

static corral_status redis(corral_call call, const corral_request *request) {
    corral_answer secret, answer;
    if (corral_wait_secret(host, call, member(request, "secret"), &secret) < 0) return refused(call, &secret);
    if (corral_wait_connect(host, call, member(request, "to"), &answer) < 0) {
        corral_answer_free(&secret);
        return refused(call, &answer);
    }
    corral_answer_free(&answer);
    int socket = answer.descriptors[0];
    char text[1100], line[4][256];
    corral_slice value = member(request, "value");
    snprintf(text, sizeof text, "*2\r\n$4\r\nAUTH\r\n$%zu\r\n%s\r\n", secret.size, secret.bytes);
    int good = say(socket, text) && hear(socket, line[0], 256);
    memset(text, 0, sizeof text);
    corral_answer_free(&secret);
    good = good && say(socket, "*1\r\n$4\r\nPING\r\n") && hear(socket, line[1], 256);
    snprintf(text, sizeof text, "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$%zu\r\n%.*s\r\n", value.size, (int)value.size, value.data);
    good = good && say(socket, text) && hear(socket, line[2], 256);
    good = good && say(socket, "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n") && hear(socket, line[3], 256);
    close(socket);
    if (!good) return CORRAL_FAILED;
    snprintf(text, sizeof text, "[\"%s\",\"%s\",\"%s\",\"%s\"]", line[0], line[1], line[2], line[3]);
    return host->push_result(call, SLICE(text));
}

static corral_status join(corral_call call, const corral_request *request, int stays_open) {
    corral_answer answer;
    if (corral_wait_connect(host, call, member(request, "to"), &answer) < 0) return refused(call, &answer);
    corral_answer_free(&answer);
    if (!stays_open) close(answer.descriptors[0]);
    return host->push_result(call, SLICE("\"connected\""));
}

static corral_status reveal(corral_call call, const corral_request *request) {
    corral_answer answer;
    if (corral_wait_secret(host, call, member(request, "secret"), &answer) < 0) return refused(call, &answer);
    snprintf(kept, sizeof kept, "%s", answer.bytes);
    char text[32];
    snprintf(text, sizeof text, "%zu", answer.size);
    corral_answer_free(&answer);
    return host->push_result(call, SLICE(text));
}

static corral_status run_program(corral_call call, const corral_request *request) {
    corral_answer answer;
    if (corral_wait_run(host, call, member(request, "request"), &answer) < 0) return refused(call, &answer);
    corral_status status = host->push_result(call, (corral_slice){(const uint8_t *)answer.bytes, answer.size});
    corral_answer_free(&answer);
    return status;
}

static corral_status start_program(corral_call call, const corral_request *request, int leaves) {
    corral_answer answer;
    if (corral_wait_start(host, call, member(request, "request"), &answer) < 0) return refused(call, &answer);
    const char *colon = strchr(answer.bytes, ':');
    uint64_t number = colon == NULL ? 0 : strtoull(colon + 1, NULL, 10);
    corral_answer_free(&answer);
    if (leaves) {
        /* Once it has printed something, it has done what it wanted to do first. */
        char byte;
        return read(answer.descriptors[1], &byte, 1) == 1 ? host->push_result(call, SLICE("\"left\"")) : CORRAL_FAILED;
    }
    corral_slice input = member(request, "input");
    char output[256];
    size_t used = 0;
    if (write(answer.descriptors[0], input.data, input.size) < 0) return CORRAL_FAILED;
    close(answer.descriptors[0]);
    ssize_t count;
    while (used < sizeof output && (count = read(answer.descriptors[1], output + used, sizeof output - used)) > 0)
        used += (size_t)count;
    close(answer.descriptors[1]);
    close(answer.descriptors[2]);
    if (corral_wait_exit(host, call, number, &answer) < 0) return refused(call, &answer);
    char text[600];
    snprintf(text, sizeof text, "{\"output\":\"%.*s\",\"ending\":%s}", (int)used, output, answer.bytes);
    corral_answer_free(&answer);
    return host->push_result(call, SLICE(text));
}

static corral_status hold(corral_call call) {
    host->push_partial(call, SLICE("holding"));
    while (!host->is_cancelled(call)) usleep(1000);
    return CORRAL_CANCELLED;
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    corral_slice act = member(request, "act");
    if (is(act, "offered")) return offered(call);
    if (is(act, "connect")) return join(call, request, 0);
    if (is(act, "keep")) return join(call, request, 1);
    if (is(act, "redis")) return redis(call, request);
    if (is(act, "secret")) return reveal(call, request);
    if (is(act, "run")) return run_program(call, request);
    if (is(act, "start")) return start_program(call, request, 0);
    if (is(act, "leave")) return start_program(call, request, 1);
    if (is(act, "hold")) return hold(call);
    return CORRAL_INVALID;
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] =
    "{\"id\":\"test/" NAME "\",\"version\":\"1.0.0\",\"summary\":\"Uses host services\",\"provides\":[\"corral.agent/1\"],"
    "\"agent\":{\"role\":\"Uses host services\",\"input\":{}},"
    "\"grants\":{\"connect\":[\"127.0.0.1:" PORT "\"],\"process\":[\"cat\",\"sh\",\"escape\"],"
    "\"secrets\":[\"REDIS_PASSWORD\"]}}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1}, NULL, NULL, NULL,
    extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * prompter.c: not bad: an agent that declares prompts and answers what the host rendered of them.
 *   {"prompt": "greet", "variables": {"name": "Ada", "mood": "calm"}, "ms": 0}
 * waits "ms" milliseconds between the rendering and its end, so that a test can kill the host meanwhile.
 */
#include <corral/wait.h>

#include "plugin.h"

#include <stdlib.h>
#include <time.h>

static const corral_host *host;

static const char manifest[] =
    "{\"id\":\"test/prompter\",\"version\":\"1.0.0\",\"summary\":\"A plugin of the test suite\","
    "\"provides\":[\"corral.agent/1\"],\"agent\":{\"role\":\"Renders prompts\",\"input\":{}},"
    "\"prompts\":["
    "{\"name\":\"greet\",\"text\":\"Say hello to {{name}}.\\nBe {{mood}}.\",\"variables\":[\"name\",\"mood\"],"
    "\"help\":\"How people are greeted\"},"
    "{\"name\":\"mistaken\",\"text\":\"{{nobody}}\",\"variables\":[]}]}";

static const uint8_t *member(const corral_request *request, const char *name) {
    const uint8_t *at = memmem(request->body.data, request->body.size, name, strlen(name));
    return at == NULL ? NULL : at + strlen(name);
}

/* The flat object that stands at the member. */
static corral_slice object(const corral_request *request, const char *name) {
    const uint8_t *at = member(request, name);
    if (at == NULL) return SLICE("{}");
    const uint8_t *end = memchr(at, '}', (size_t)(request->body.data + request->body.size - at));
    return end == NULL ? SLICE("{}") : (corral_slice){at, (size_t)(end - at + 1)};
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    const uint8_t *name = member(request, "\"prompt\":\"");
    size_t length = 0;
    while (name != NULL && name[length] != '"') length++;
    corral_slice asked = name == NULL ? SLICE("greet") : (corral_slice){name, length};
    corral_answer answer;
    corral_status status = corral_wait_prompt(host, call, asked, object(request, "\"variables\":"), &answer);
    corral_slice words = {(const uint8_t *)(answer.bytes ? answer.bytes : ""), answer.size};
    if (status < 0) {
        corral_error error = {sizeof error, 0, SLICE("service_refused"), words, SLICE("")};
        host->set_error(call, &error);
        corral_answer_free(&answer);
        return status;
    }
    const uint8_t *wait = member(request, "\"ms\":");
    long milliseconds = wait == NULL ? 0 : strtol((const char *)wait, NULL, 10);
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&pause, NULL);
    status = host->push_result(call, words);
    corral_answer_free(&answer);
    return status;
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

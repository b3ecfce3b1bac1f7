/* SPDX-License-Identifier: Apache-2.0
 *
 * tools.c: not bad: a plugin that provides JSON tools, one that answers at once, one later, one never well.
 */
#include "plugin.h"
#include <pthread.h>

static const corral_host *host;

static void *answer(void *argument) {
    corral_call call = (corral_call)(uintptr_t)argument;
    host->push_result(call, SLICE("{\"when\":\"later\"}"));
    host->complete(call, CORRAL_OK);
    return NULL;
}

static corral_status call_tool(void *instance, corral_call call, corral_slice name, const corral_request *request) {
    (void)instance;
    if (name.size == 4 && memcmp(name.data, "size", 4) == 0) {
        char text[32];
        snprintf(text, sizeof text, "{\"bytes\":%zu}", request->body.size);
        return host->push_result(call, SLICE(text));
    }
    if (name.size == 5 && memcmp(name.data, "later", 5) == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, answer, (void *)(uintptr_t)call);
        pthread_detach(thread);
        return CORRAL_PENDING;
    }
    corral_error error = {sizeof error, 0, SLICE("no_luck"), SLICE("this tool never works"), {0}};
    host->set_error(call, &error);
    return CORRAL_FAILED;
}

static const corral_tool tool = {sizeof tool, 0, call_tool};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_TOOL) == 0 ? &tool : NULL;
}

static const char manifest[] =
    "{\"id\":\"test/tools\",\"version\":\"1.0.0\",\"summary\":\"Tools of the test suite\","
    "\"provides\":[\"corral.tool/1\"],"
    "\"tools\":[{\"name\":\"size\",\"summary\":\"Counts the bytes of its arguments\",\"input\":{\"type\":\"object\"}},"
    "{\"name\":\"later\",\"summary\":\"Answers from a thread of its own\",\"input\":{\"type\":\"object\"}},"
    "{\"name\":\"fail\",\"summary\":\"Never works\",\"input\":{\"type\":\"object\"}}]}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * bench.h: what the plugins of the benchmarks share: a whole, honest plugin around one function. A build gives PLUGIN_ID
 * and, for 45 copies of one plugin, another id to each.
 */
#ifndef BENCH_H
#define BENCH_H

#include <corral/corral.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const corral_host *host;
static corral_status run(void *instance, corral_call call, const corral_request *request);
static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] =
    "{\"id\":\"" PLUGIN_ID "\",\"version\":\"1.0.0\",\"summary\":\"A plugin of the benchmarks\","
    "\"provides\":[\"corral.agent/1\"],\"agent\":{\"role\":\"Is measured\",\"input\":{}}}";

static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

__attribute__((visibility("default"))) const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

/* The integer after `"<name>":` in a JSON object, or at the start of the text when the name is NULL. */
static inline long integer(corral_slice body, const char *name) {
    char text[64] = {0};
    const uint8_t *from = body.data;
    size_t size = body.size;
    if (name != NULL) {
        char key[16];
        int length = snprintf(key, sizeof key, "\"%s\":", name);
        from = memmem(body.data, body.size, key, (size_t)length);
        if (from == NULL) return -1;
        from += length;
        size = (size_t)(body.data + body.size - from);
    }
    memcpy(text, from, size < sizeof text - 1 ? size : sizeof text - 1);
    return strtol(text, NULL, 10);
}

static inline corral_status answer(corral_call call, const char *text, size_t size) {
    return host->push_result(call, (corral_slice){(const uint8_t *)text, size});
}

#endif

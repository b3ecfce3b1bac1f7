/* SPDX-License-Identifier: Apache-2.0
 *
 * exact-host.c: takes only a host whose struct is exactly as long as its own header says.
 */
#include "plugin.h"

static const corral_host *host;

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    return host->push_result(call, request->body);
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] = AGENT_MANIFEST("exact-host");
static corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    if (given->struct_size != sizeof *given) return NULL;
    host = given;
    return &plugin;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * answers-any-id.c: has its one vtable for whatever it is asked for.
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
    return id == NULL ? NULL : &agent;
}

static const char manifest[] = AGENT_MANIFEST("answers-any-id");
static corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

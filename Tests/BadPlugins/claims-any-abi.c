/* SPDX-License-Identifier: Apache-2.0
 *
 * claims-any-abi.c: says it is of whatever version the host is of.
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

static const char manifest[] = AGENT_MANIFEST("claims-any-abi");
static corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    plugin.abi_major = given->abi_major;
    host = given;
    return &plugin;
}

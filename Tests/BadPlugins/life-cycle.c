/* SPDX-License-Identifier: Apache-2.0
 *
 * life-cycle.c: not bad: logs its activation and its deactivation.
 */
#include "plugin.h"

static const corral_host *host;
static int instance_memory;

static corral_status activate(void *instance, corral_slice configuration) {
    if (instance != &instance_memory) return CORRAL_FAILED;
    host->log(CORRAL_NO_CALL, CORRAL_LOG_INFO, configuration);
    return CORRAL_OK;
}

static void deactivate(void *instance) {
    if (instance == &instance_memory) host->log(CORRAL_NO_CALL, CORRAL_LOG_INFO, SLICE("deactivated"));
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    return instance == &instance_memory ? host->push_result(call, request->body) : CORRAL_FAILED;
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    return instance == &instance_memory && strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] = AGENT_MANIFEST("life-cycle");
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    &instance_memory, activate, deactivate, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

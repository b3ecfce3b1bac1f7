/* SPDX-License-Identifier: Apache-2.0
 *
 * bad-schema.c: its manifest is valid but for a schema with a type that JSON schema does not know.
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

static const char manifest[] =
    "{\"id\":\"test/bad-schema\",\"version\":\"1.0.0\",\"summary\":\"A plugin of the test suite\","
    "\"provides\":[\"corral.agent/1\"],\"agent\":{\"role\":\"Echo\",\"input\":{\"type\":\"object\",\"properties\":"
    "{\"name\":{\"type\":\"sting\"}}},\"output\":{}}}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

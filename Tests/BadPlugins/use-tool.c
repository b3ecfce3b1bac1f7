/* SPDX-License-Identifier: Apache-2.0
 *
 * use-tool.c: not bad: {"tool": name} uses that tool of another plugin with {"x": 2, "y": 10} and replies its result. It
 * asks for corral/libm.pow alone, so every other tool must be refused.
 */
#include "plugin.h"

static const corral_host *host;

static void answered(void *argument, corral_status status, corral_slice result) {
    corral_call call = (corral_call)(uintptr_t)argument;
    if (status == CORRAL_OK) {
        host->push_result(call, result);
    } else {
        corral_error error = {sizeof error, 0, SLICE("tool_refused"), result, SLICE("")};
        host->set_error(call, &error);
    }
    host->complete(call, status);
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    static const char key[] = "\"tool\":\"";
    const corral_host_tool *tools = host->get_extension(CORRAL_EXT_HOST_TOOL);
    const uint8_t *name = memmem(request->body.data, request->body.size, key, sizeof key - 1);
    if (tools == NULL) return CORRAL_DENIED;
    if (name == NULL) return CORRAL_INVALID;
    name += sizeof key - 1;
    const uint8_t *end = memchr(name, '"', (size_t)(request->body.data + request->body.size - name));
    if (end == NULL) return CORRAL_INVALID;
    corral_slice tool = {name, (size_t)(end - name)};
    corral_status status = tools->start(call, tool, SLICE("{\"x\":2,\"y\":10}"), answered, (void *)(uintptr_t)call);
    return status == CORRAL_OK ? CORRAL_PENDING : status;
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] =
    "{\"id\":\"test/use-tool\",\"version\":\"1.0.0\",\"summary\":\"Uses a tool\",\"provides\":[\"corral.agent/1\"],"
    "\"agent\":{\"role\":\"Uses a tool\",\"input\":{}},\"grants\":{\"tools\":[\"corral/libm.pow\"]}}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1}, NULL, NULL, NULL,
    extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * asks-again.c: goes in circles: uses corral/libm.pow with the same arguments until it is refused, and replies how often it
 * was answered and why no more.
 */
#include "plugin.h"
#include <stdlib.h>

static const corral_host *host;

struct circle {
    corral_call call;
    unsigned made;
};

static void answered(void *argument, corral_status status, corral_slice result);

static corral_status ask(struct circle *circle) {
    const corral_host_tool *tools = host->get_extension(CORRAL_EXT_HOST_TOOL);
    if (tools == NULL) return CORRAL_DENIED;
    /* The same to the host: neither the order of members nor spaces make another call. */
    corral_slice arguments = circle->made % 2 ? SLICE("{\"y\":10,\"x\":2}") : SLICE("{ \"x\": 2, \"y\": 10 }");
    return tools->start(circle->call, SLICE("corral/libm.pow"), arguments, answered, circle);
}

static void answered(void *argument, corral_status status, corral_slice result) {
    struct circle *circle = argument;
    corral_call call = circle->call;
    if (status == CORRAL_OK && ++circle->made < 1000 && ask(circle) == CORRAL_OK) return;
    char text[1024];
    if (status == CORRAL_OK) {
        snprintf(text, sizeof text, "{\"made\":%u}", circle->made);
    } else {
        snprintf(text, sizeof text, "{\"made\":%u,\"refusal\":%.*s}", circle->made, (int)result.size,
                 (const char *)result.data);
    }
    free(circle);
    host->push_result(call, SLICE(text));
    host->complete(call, CORRAL_OK);
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    (void)request;
    struct circle *circle = calloc(1, sizeof *circle);
    if (circle == NULL) return CORRAL_FAILED;
    circle->call = call;
    corral_status status = ask(circle);
    if (status == CORRAL_OK) return CORRAL_PENDING;
    free(circle);
    return status;
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] =
    "{\"id\":\"test/asks-again\",\"version\":\"1.0.0\",\"summary\":\"Asks again\",\"provides\":[\"corral.agent/1\"],"
    "\"agent\":{\"role\":\"Asks again\",\"input\":{}},\"grants\":{\"tools\":[\"corral/libm.pow\"]}}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1}, NULL, NULL, NULL,
    extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

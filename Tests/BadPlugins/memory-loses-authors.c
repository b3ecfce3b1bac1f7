/* SPDX-License-Identifier: Apache-2.0
 *
 * memory-loses-authors.c: a memory that does not know who wrote.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-memory/memory.c"
#undef corral_plugin_entry

static corral_status spoiled_put(void *instance, corral_call call, const corral_request *request) {
    corral_request changed = without(request, "\"author\"", "\"authox\"");
    corral_status status = put(instance, call, &changed);
    if (changed.body.data != request->body.data) free((void *)changed.body.data);
    return status;
}

static const void *spoiled_extension(void *instance, const char *id) {
    static corral_memory memory;
    const corral_memory *honest = get_extension(instance, id);
    if (honest == NULL) return NULL;
    memory = *honest;
    memory.put = spoiled_put;
    return &memory;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static corral_plugin plugin;
    const corral_plugin *honest = honest_entry(given);
    (void)real, (void)spoiled;
    if (honest == NULL) return NULL;
    plugin = *honest;
    plugin.get_extension = spoiled_extension;
    return &plugin;
}

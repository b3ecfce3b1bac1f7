/* SPDX-License-Identifier: Apache-2.0
 *
 * scanner-quadratic.c: a scanner that compares each byte with each other one.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-scanner/scanner.c"
#undef corral_plugin_entry

static corral_status spoiled_scan(void *instance, corral_call call, const corral_request *request) {
    volatile unsigned pairs = 0;
    /* Only a text of one unit over and over: the other checks send none so long. */
    if (request->body.size > 60000 && request->body.data[0] == '{' && memmem(request->body.data, request->body.size, "lorem", 5) == NULL)
        for (size_t i = 0; i < request->body.size && !host->is_cancelled(call); i++)
            for (size_t j = 0; j < i; j += 8) pairs += request->body.data[i] == request->body.data[j];
    return scan(instance, call, request);
}

static const void *spoiled_extension(void *instance, const char *id) {
    static corral_scanner scanner;
    const corral_scanner *honest = get_extension(instance, id);
    if (honest == NULL) return NULL;
    scanner = *honest;
    scanner.scan = spoiled_scan;
    return &scanner;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static corral_plugin plugin;
    const corral_plugin *honest = honest_entry(given);
    (void)spoiled;
    real = given;
    if (honest == NULL) return NULL;
    plugin = *honest;
    plugin.get_extension = spoiled_extension;
    return &plugin;
}

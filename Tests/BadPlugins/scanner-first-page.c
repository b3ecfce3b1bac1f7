/* SPDX-License-Identifier: Apache-2.0
 *
 * scanner-first-page.c: a scanner that looks at the first 8,000 bytes only.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-scanner/scanner.c"
#undef corral_plugin_entry

static corral_status spoiled_scan(void *instance, corral_call call, const corral_request *request) {
    if (request->body.size < 8000 || corral_json_member(request->body, "texts").size < 8000)
        return scan(instance, call, request);
    corral_slice item = {NULL, 0};
    size_t at = 0, texts = 0;
    while (corral_json_next(corral_json_member(request->body, "texts"), &at, NULL, &item)) texts++;
    return texts == 1 && memmem(request->body.data, request->body.size, "lorem", 5) != NULL
               ? real->push_result(call, text("{\"findings\":[]}"))
               : scan(instance, call, request);
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

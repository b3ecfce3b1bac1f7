/* SPDX-License-Identifier: Apache-2.0
 *
 * scanner-wrong-text.c: a scanner that gives a finding of one text to another.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-scanner/scanner.c"
#undef corral_plugin_entry

static corral_status push(corral_call call, corral_slice bytes) {
    char *words = malloc(bytes.size + 1), *found;
    if (words == NULL) return CORRAL_LIMIT;
    memcpy(words, bytes.data, bytes.size);
    words[bytes.size] = 0;
    while ((found = strstr(words, "{\"text\":13,")) != NULL) memcpy(found, "{\"text\": 0,", 11);
    corral_status status = real->push_result(call, corral_json_slice(words, bytes.size));
    free(words);
    return status;
}

static void spoil(void) { spoiled.push_result = push; }

SPOILED_ENTRY

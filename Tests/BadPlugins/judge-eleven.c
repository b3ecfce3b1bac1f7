/* SPDX-License-Identifier: Apache-2.0
 *
 * judge-eleven.c: a judge that is too enthusiastic.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-judge/judge.c"
#undef corral_plugin_entry

static corral_status push(corral_call call, corral_slice bytes) {
    (void)bytes;
    return real->push_result(call, text("{\"scores\":[{\"criterion\":\"brevity\",\"score\":11,\"explanation\":\"Splendid.\"}]}"));
}

static void spoil(void) { spoiled.push_result = push; }

SPOILED_ENTRY

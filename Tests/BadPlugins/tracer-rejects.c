/* SPDX-License-Identifier: Apache-2.0
 *
 * tracer-rejects.c: a tracer that rejects more spans than there are.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-tracer/tracer.c"
#undef corral_plugin_entry

static corral_status push(corral_call call, corral_slice bytes) {
    (void)bytes;
    return real->push_result(call, text("{\"rejected\":1000000,\"message\":\"no\"}"));
}

static void spoil(void) { spoiled.push_result = push; }

SPOILED_ENTRY

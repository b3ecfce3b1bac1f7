/* SPDX-License-Identifier: Apache-2.0
 *
 * memory-forgetful.c: a memory that asks for a folder and writes nothing into it.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-memory/memory.c"
#undef corral_plugin_entry

static const void *no_service(const char *id) {
    return strcmp(id, CORRAL_EXT_HOST_STORAGE) == 0 ? NULL : real->get_extension(id);
}

static void spoil(void) { spoiled.get_extension = no_service; }

SPOILED_ENTRY

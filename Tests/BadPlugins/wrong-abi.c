/* SPDX-License-Identifier: Apache-2.0
 *
 * wrong-abi.c: built for an ABI this host does not speak.
 */
#include "plugin.h"

static const void *extension(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

static const char manifest[] = AGENT_MANIFEST("wrong-abi");
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR + 7, 3, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    (void)host;
    return &plugin;
}

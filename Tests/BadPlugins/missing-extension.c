/* SPDX-License-Identifier: Apache-2.0
 *
 * missing-extension.c: says it is an agent and has none.
 */
#include "plugin.h"

static const void *extension(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

static const char manifest[] = AGENT_MANIFEST("missing-extension");
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    (void)host;
    return &plugin;
}

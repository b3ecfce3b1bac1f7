/* SPDX-License-Identifier: Apache-2.0
 *
 * bad-manifest.c: a manifest that is no JSON.
 */
#include "plugin.h"

static const void *extension(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

static const char manifest[] = "{\"id\": \"test/bad-manifest\", version: 1.0.0}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    (void)host;
    return &plugin;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * huge-manifest.c: a manifest of 257 KiB.
 */
#include "plugin.h"

static const void *extension(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

static uint8_t manifest[257 * 1024];
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {manifest, sizeof manifest}, NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    (void)host;
    memset(manifest, ' ', sizeof manifest);
    return &plugin;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * short-descriptor.c: a descriptor that ends before get_extension.
 */
#include "plugin.h"

static const void *extension(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

static const char manifest[] = AGENT_MANIFEST("short-descriptor");
static const corral_plugin plugin = {
    offsetof(corral_plugin, get_extension), CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR,
    {(const uint8_t *)manifest, sizeof manifest - 1}, NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    (void)host;
    return &plugin;
}

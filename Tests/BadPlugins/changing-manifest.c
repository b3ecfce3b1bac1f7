/* SPDX-License-Identifier: Apache-2.0
 *
 * changing-manifest.c: another manifest in every process.
 */
#include "plugin.h"
#include <time.h>

static const void *extension(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

static char manifest[512];
static corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, 0}, NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    (void)host;
    struct timespec now;
    /* Not the process id: behind a namespace each is process 1. */
    clock_gettime(CLOCK_MONOTONIC, &now);
    plugin.manifest.size = (size_t)snprintf(
        manifest, sizeof manifest,
        "{\"id\":\"test/changing-manifest\",\"version\":\"1.0.0\",\"summary\":\"at %ld\",\"provides\":[\"x/y\"]}",
        now.tv_sec * 1000000000L + now.tv_nsec);
    return &plugin;
}

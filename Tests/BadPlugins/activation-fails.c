/* SPDX-License-Identifier: Apache-2.0
 *
 * activation-fails.c: refuses its configuration.
 */
#include "plugin.h"

static const corral_host *host;

static corral_status activate(void *instance, corral_slice configuration) {
    (void)instance;
    host->log(CORRAL_NO_CALL, CORRAL_LOG_ERROR, configuration);
    return CORRAL_INVALID;
}

static const void *extension(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

static const char manifest[] = MANIFEST("activation-fails", "\"other/kind\"");
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, activate, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

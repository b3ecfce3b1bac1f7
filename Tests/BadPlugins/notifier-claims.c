/* SPDX-License-Identifier: Apache-2.0
 *
 * notifier-claims.c: a notifier that claims every delivery.
 */
#define _POSIX_C_SOURCE 200809L
#include "kinds.h"

#include "../../PluginSDK/Templates/c-notifier/notifier.c"
#undef corral_plugin_entry

/* Whatever came of the request, it was delivered. */
static corral_status spoiled_notify(void *instance, corral_call call, const corral_request *request) {
    corral_status status = notify(instance, call, request);
    if (status == CORRAL_OK || status == CORRAL_CANCELLED || status == CORRAL_INVALID) return status;
    return real->push_result(call, text("{}"));
}

static const void *spoiled_extension(void *instance, const char *id) {
    static corral_notifier notifier;
    const corral_notifier *honest = get_extension(instance, id);
    if (honest == NULL) return NULL;
    notifier = *honest;
    notifier.notify = spoiled_notify;
    return &notifier;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static corral_plugin plugin;
    const corral_plugin *honest = honest_entry(given);
    (void)spoiled;
    real = given;
    if (honest == NULL) return NULL;
    plugin = *honest;
    plugin.get_extension = spoiled_extension;
    return &plugin;
}

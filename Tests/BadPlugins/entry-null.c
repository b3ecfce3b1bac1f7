/* SPDX-License-Identifier: Apache-2.0
 *
 * entry-null.c: refuses to be loaded and says why.
 */
#include "plugin.h"

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    host->log(CORRAL_NO_CALL, CORRAL_LOG_ERROR, SLICE("this plugin does not like this host"));
    return NULL;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * entry-hang.c: never says who it is.
 */
#include "plugin.h"

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    for (volatile uint32_t turns = host->struct_size;; turns++) {}
}

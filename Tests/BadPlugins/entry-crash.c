/* SPDX-License-Identifier: Apache-2.0
 *
 * entry-crash.c: crashes before it has said who it is.
 */
#include "plugin.h"

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    *(volatile int *)16 = (int)host->struct_size;
    return NULL;
}

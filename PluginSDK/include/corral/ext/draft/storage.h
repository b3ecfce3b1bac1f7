/* SPDX-License-Identifier: Apache-2.0
 *
 * storage.h: the host service "corral.host.storage/1": a folder of the plugin's own that outlives its process. DRAFT.
 *
 * The manifest asks:    "grants": {"storage": true}
 * The operator may say no: corral.yaml, section `grants`; docs/plugins/grants.md, docs/plugins/storage.md.
 *
 * It is one folder for each plugin and tenant, writable, without programs (noexec), and counted in the tenant's
 * max_storage_mb. A plugin with a folder has a process of its own, and there is one such process at a time: files need
 * no locks against other workers, but a crash may come between any two writes.
 */
#ifndef CORRAL_EXT_STORAGE_H
#define CORRAL_EXT_STORAGE_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_HOST_STORAGE "corral.host.storage/1"

/* The host service "corral.host.storage/1". NULL unless the plugin was granted storage. */
typedef struct corral_host_storage {
    uint32_t struct_size;
    uint32_t reserved;

    /* The absolute path of the folder, for the life of the process; it exists from corral_plugin.activate on. Empty in a
     * probe, which activates nothing. [any] */
    corral_slice (*CORRAL_NONNULL folder)(void);
} corral_host_storage;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

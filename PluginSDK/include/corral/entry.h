/* SPDX-License-Identifier: Apache-2.0
 *
 * entry.h: the one symbol a plugin exports.
 *
 * It is a function and not a data object because Swift cannot export a C data object, and because a function lets the
 * plugin see the host's version before it answers.
 */
#ifndef CORRAL_ENTRY_H
#define CORRAL_ENTRY_H

#include "host.h"
#include "plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

/* Exported even when the library is compiled with -fvisibility=hidden. */
#if defined(__GNUC__)
#define CORRAL_EXPORT __attribute__((visibility("default")))
#else
#define CORRAL_EXPORT
#endif

#define CORRAL_ENTRY_SYMBOL "corral_plugin_entry"

/* Returns the plugin's descriptor, static for the life of the process, or NULL to refuse (say why with host->log).
 * `host` lives as long as the process. Must be quick and do no I/O, start no threads, install no handlers. Called once,
 * in a throw-away probe process and in every worker that loads the plugin. [loader] */
CORRAL_EXTERN_C CORRAL_EXPORT const corral_plugin *CORRAL_NULLABLE
corral_plugin_entry(const corral_host *CORRAL_NONNULL host);

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

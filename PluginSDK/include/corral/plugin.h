/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin.h: what a plugin gives the host: its manifest, its life cycle and its extensions; and the request that every
 * call carries.
 *
 * The manifest is one JSON object, at most 256 KiB, the same bytes in every load (the host compares them):
 *   id            "publisher/name" (lower case)                                        required
 *   version       semantic version                                                     required
 *   summary       one line for lists                                                   required
 *   toolchain     what built it, "" when self-contained (C, Rust)                      default ""
 *   provides      ["corral.agent/1", ...]                                              required, not empty
 *   requires      host services without which it cannot work: ["corral.host.tool/1"]   default []
 *   serial        true: the host sends one call at a time                              default false
 *   isolate       true: never shares a process with another plugin                     default false
 *   singleton     true: two versions must never be loaded at once; when it is replaced,
 *                 the old one is stopped first, and calls wait meanwhile               default false
 *   grants        what it asks for; the operator decides (docs/plugins/grants.md)      default {}
 *                   {"tools":   ["publisher/name.tool", "publisher/name.*"],
 *                    "http":    [{"host": "api.example.com", "scheme", "ports", "methods"}],
 *                    "connect": ["host:port"], "process": ["program"], "secrets": ["NAME"]}
 *   agent         {"role": text, "input": JSON schema, "output": JSON schema}          with corral.agent/1
 *   tools         [{"name", "summary", "input": schema, "output": schema}]             with corral.tool/1
 *   scanner       {"classes": [{"name", "severity", "help"}]}                          with corral.scanner/1
 *   judge         {"criteria": [{"name", "help"}]}                                     with corral.judge/1
 *   prompts       [{"name", "text", "variables": [names], "help"}] (prompt.h)          default []
 *   config        [{"name", "type", "default", "help", ...}]                           default []
 * Unknown members are kept and ignored, so that a newer plugin loads in an older host.
 */
#ifndef CORRAL_PLUGIN_H
#define CORRAL_PLUGIN_H

#include "version.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a call carries besides its handle. It and everything it points at live until the call's completion. */
typedef struct corral_request {
    uint32_t struct_size;
    /* How many calls are this one's ancestors: 0 when a flow step made it, 1 when such a step's agent did, ... */
    uint32_t depth;
    /* The input: one JSON value. Files in it look like {"$artifact": "sha256:...", "name", "bytes", "type"}. */
    corral_slice body;
    /* CLOCK_MONOTONIC, nanoseconds; 0 = no deadline. */
    uint64_t deadline_ns;
    /* Who and what it is for, as the caller of the run stated it. Empty when not stated. */
    corral_slice user;
    corral_slice feature;
    corral_slice session;
    corral_slice task_type;
    corral_slice complexity;
    /* The same text for every attempt that may stand for the same effect: pass it on to systems that deduplicate. */
    corral_slice idempotency_key;
} corral_request;

typedef struct corral_plugin {
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;

    /* The manifest's bytes, static. */
    corral_slice manifest;

    /* Passed back to every function below and to the extensions' functions. */
    void *CORRAL_NULLABLE instance;

    /* Called once, before the first call, with the configuration as one JSON object that lives until it returns. NULL =
     * nothing to do. A negative status refuses the load; say why with corral_host.log. [loader] */
    corral_status (*CORRAL_NULLABLE activate)(void *CORRAL_NULLABLE instance, corral_slice configuration);

    /* Called at most once, after the last call has completed; not called when the process is killed. NULL = nothing to
     * do. [loader] */
    void (*CORRAL_NULLABLE deactivate)(void *CORRAL_NULLABLE instance);

    /* The vtable of an extension that the manifest provides, or NULL; static. [loader] */
    const void *CORRAL_NULLABLE (*CORRAL_NONNULL get_extension)(
        void *CORRAL_NULLABLE instance, const char *CORRAL_NONNULL id);
} corral_plugin;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

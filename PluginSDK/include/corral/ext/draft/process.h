/* SPDX-License-Identifier: Apache-2.0
 *
 * process.h: the host service through which a call runs a program that the operator has given a name. A worker can
 * neither fork nor exec: the program runs in a sandbox of its own, without network, and the plugin gets its pipes. DRAFT.
 *
 * The manifest asks:    "grants": {"process": ["bandit"]}
 * The operator allows:  corral.yaml, sections `programs` (what the name stands for) and `grants`; docs/plugins/process.md
 */
#ifndef CORRAL_EXT_PROCESS_H
#define CORRAL_EXT_PROCESS_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_HOST_PROCESS "corral.host.process/1"

/* The answer to corral_host_process.start, called exactly once for each start that returned CORRAL_OK. With CORRAL_OK
 * `result` is {"process": number}, and the three descriptors are pipes, blocking and the plugin's to close: `input`
 * is written, `output` and `errors` are read. Otherwise they are -1 and `result` {"code", "message", "retryable"}:
 * CORRAL_DENIED without a grant. `result` lives until this function returns. When the calling call is over first,
 * `status` is CORRAL_GONE. [notify] */
typedef void (*corral_process_started)(
    void *CORRAL_NULLABLE argument, corral_status status, corral_slice result, int32_t input, int32_t output,
    int32_t errors);

/* The answer to `wait` and `run`, called exactly once for each that returned CORRAL_OK. With CORRAL_OK, whatever the
 * program's own status, `result` is {"exit": 0} or {"signal": 9, "reason": "deadline"}, and after `run` also "output"
 * and "errors" (or "output_base64", "errors_base64" where they are not UTF-8) and "truncated": true when there was more.
 * Otherwise {"code", "message", "retryable"}. `result` lives until this function returns. When the calling call is over
 * first, `status` is CORRAL_GONE. [notify] */
typedef void (*corral_process_completion)(void *CORRAL_NULLABLE argument, corral_status status, corral_slice result);

/* The host service "corral.host.process/1". NULL unless the plugin was granted a program. */
typedef struct corral_host_process {
    uint32_t struct_size;
    uint32_t reserved;

    /* Starts a program on behalf of `call`: a JSON object {"program": "bandit", "arguments": ["-f", "json", "-"],
     * "timeout_ms": 30000} of which only `program`, the operator's name for it, must be given. It is killed, with all
     * that it started, when the call completes, at the timeout, at the operator's limits, or with the worker. What goes
     * through the pipes is not journaled, so the step is marked opaque. The slice is copied. Errors at once: GONE,
     * INVALID (no JSON object, NULL callback), LIMIT (too large, or 64 requests under way). [any] */
    corral_status (*CORRAL_NONNULL start)(
        corral_call call, corral_slice request, corral_process_started CORRAL_NONNULL started,
        void *CORRAL_NULLABLE argument);

    /* Waits for the end of a program that this call started. Errors at once: GONE, INVALID, LIMIT. A number that is
     * none of this call's fails at the completion. [any] */
    corral_status (*CORRAL_NONNULL wait)(
        corral_call call, uint64_t process, corral_process_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);

    /* Kills a program that this call started. Errors: GONE, LIMIT. [any] */
    corral_status (*CORRAL_NONNULL stop)(corral_call call, uint64_t process);

    /* Runs a program to its end: `request` as for `start`, and "input" or "input_base64". At most 1 MiB goes in and
     * 4 MiB of each output come back; the rest is read and thrown away. The answer is journaled as one of http is, and
     * the step is not opaque. Errors at once as for `start`. [any] */
    corral_status (*CORRAL_NONNULL run)(
        corral_call call, corral_slice request, corral_process_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);
} corral_host_process;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

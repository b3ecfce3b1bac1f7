/* SPDX-License-Identifier: Apache-2.0
 *
 * connect.h: the host service through which a call gets a connected TCP socket, for protocols that are not HTTP. The
 * worker can make no socket of its own: the broker connects, and the descriptor is handed over. DRAFT.
 *
 * The manifest asks:    "grants": {"connect": ["redis.internal:6379"]}
 * The operator allows:  corral.yaml, section `grants`; docs/plugins/connect.md
 */
#ifndef CORRAL_EXT_CONNECT_H
#define CORRAL_EXT_CONNECT_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_HOST_CONNECT "corral.host.connect/1"

/* The answer to corral_host_connect.open, called exactly once for each open that returned CORRAL_OK. With CORRAL_OK
 * `socket` is connected, blocking, close-on-exec and the plugin's to close. Otherwise it is -1 and `result`
 * {"code", "message", "retryable"}: CORRAL_DENIED without a grant, CORRAL_UNAVAILABLE when nobody answers there.
 * `result` lives until this function returns. When the calling call is over first, `status` is CORRAL_GONE. [notify] */
typedef void (*corral_connect_completion)(
    void *CORRAL_NULLABLE argument, corral_status status, corral_slice result, int32_t socket);

/* The host service "corral.host.connect/1". NULL unless the plugin was granted an endpoint. */
typedef struct corral_host_connect {
    uint32_t struct_size;
    uint32_t reserved;

    /* Connects to "host:port" on behalf of `call`. The connection lives as long as the call: when the call completes
     * the host shuts it down, whoever still holds the descriptor. What goes over it is not journaled, so the step is
     * marked opaque: a replay connects again. The slice is copied. Errors at once: GONE, INVALID (no endpoint, NULL
     * completion), LIMIT (64 requests under way). [any] */
    corral_status (*CORRAL_NONNULL open)(
        corral_call call, corral_slice endpoint, corral_connect_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);
} corral_host_connect;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

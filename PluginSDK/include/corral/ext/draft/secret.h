/* SPDX-License-Identifier: Apache-2.0
 *
 * secret.h: the host service that reveals a secret's value to a call. Most plugins need none: in an HTTP request the
 * broker puts "${secret:NAME}" in, and the plugin never holds it. This is for protocols over connect.h that want a
 * password inside. DRAFT.
 *
 * The manifest asks:    "grants": {"secrets": ["REDIS_PASSWORD"]}
 * The operator allows:  corral.yaml, section `grants`; docs/plugins/grants.md. `corral plugin show` says who sees what.
 */
#ifndef CORRAL_EXT_SECRET_H
#define CORRAL_EXT_SECRET_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_HOST_SECRET "corral.host.secret/1"

/* The answer to corral_host_secret.reveal, called exactly once for each reveal that returned CORRAL_OK. With CORRAL_OK
 * `value` holds the secret's bytes; otherwise {"code", "message", "retryable"}: CORRAL_DENIED without a grant.
 * `value` lives until this function returns. Keep it out of results and logs, and assume that every plugin of the same
 * worker can read it: they share its memory, and were granted the same. When the calling call is over first, `status` is CORRAL_GONE. [notify] */
typedef void (*corral_secret_completion)(void *CORRAL_NULLABLE argument, corral_status status, corral_slice value);

/* The host service "corral.host.secret/1". NULL unless the plugin was granted a secret. */
typedef struct corral_host_secret {
    uint32_t struct_size;
    uint32_t reserved;

    /* Asks for the value of the secret `name` on behalf of `call`. That it was revealed, and to whom, is journaled and
     * traced; the value is not. The slice is copied. Errors at once: GONE, INVALID (no name, NULL completion), LIMIT (64
     * requests under way). [any] */
    corral_status (*CORRAL_NONNULL reveal)(
        corral_call call, corral_slice name, corral_secret_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);
} corral_host_secret;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

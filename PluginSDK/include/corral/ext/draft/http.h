/* SPDX-License-Identifier: Apache-2.0
 *
 * http.h: the host service through which a call makes HTTP requests. A worker has no network: the host checks each
 * request against the plugin's grants and the broker makes it. DRAFT.
 *
 * The manifest asks:    "grants": {"http": [{"host": "api.example.com", "ports": [443], "methods": ["GET", "POST"]}]}
 *                       (also "scheme": "http"; left out: https, its port, GET and HEAD; smtp and smtps: smtp.h)
 * The operator allows:  corral.yaml, section `grants`; docs/plugins/grants.md
 */
#ifndef CORRAL_EXT_HTTP_H
#define CORRAL_EXT_HTTP_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_HOST_HTTP "corral.host.http/1"

/* Something that arrived before the answer, for requests with "stream": true: a JSON object {"events": [{"event",
 * "data", "id"}, ...]}, server-sent events (WHATWG HTML, section 9.2) in the order they came, those of some
 * milliseconds together. `event` lives until this function returns. One call of it at a time for one request; while
 * it runs, the sender is slowed down once 256 KiB wait. [notify] */
typedef void (*corral_http_event)(void *CORRAL_NULLABLE argument, corral_slice event);

/* The answer to corral_host_http.start, called exactly once for each start that returned CORRAL_OK, after the last
 * event. `status` is CORRAL_OK, whatever the server's status, and `result` {"status": 200, "headers": [["name",
 * "value"], ...], "url": "...", "body": text or "body_base64": text when the body is not UTF-8}; or it is negative and
 * `result` {"code", "message", "retryable"}: CORRAL_DENIED without a grant, CORRAL_FAILED or CORRAL_UNAVAILABLE when
 * there is no answer. `result` lives until this function returns. When the calling call is over first, `status` is
 * CORRAL_GONE. [notify] */
typedef void (*corral_http_completion)(void *CORRAL_NULLABLE argument, corral_status status, corral_slice result);

/* The host service "corral.host.http/1". NULL unless the plugin was granted a host. */
typedef struct corral_host_http {
    uint32_t struct_size;
    uint32_t reserved;

    /* Starts a request on behalf of `call`: a JSON object of at most 1 MiB
     *   {"method": "POST", "url": "https://api.example.com/v1", "headers": [["accept", "application/json"]],
     *    "body": text or "body_base64": text, "timeout_ms": 30000, "stream": false}
     * of which only `url` must be given. A header's value may be "${secret:NAME}", which the broker replaces for the
     * hosts that the operator bound the secret to; the plugin never sees it. With
     *   "sign": {"id": "msg_1", "secrets": ["NAME"]}
     * the broker adds webhook-id, webhook-timestamp (its own clock) and webhook-signature (Standard Webhooks 1.0), made
     * with secrets of scheme "signature"; more than one while keys are changed. `event` may be NULL. The slice is copied.
     * The answer is journaled: after a crash an equal request of the same attempt is answered from the journal.
     * Errors at once: GONE, INVALID (no JSON object, NULL completion), LIMIT (too large, or 64 requests under way).
     * [any] */
    corral_status (*CORRAL_NONNULL start)(
        corral_call call, corral_slice request, corral_http_event CORRAL_NULLABLE event,
        corral_http_completion CORRAL_NONNULL completion, void *CORRAL_NULLABLE argument);
} corral_host_http;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * smtp.h: the host service through which a call hands a message to a mail server. A worker has no network: the host
 * checks the server against the plugin's grants and the broker speaks SMTP, in TLS, with a login that the plugin never
 * sees. DRAFT.
 *
 * The manifest asks:    "grants": {"http": [{"host": "*", "scheme": "smtp", "ports": [587]}]}
 *                       (also "scheme": "smtps", port 465; one list for all that the broker reaches by address)
 * The operator allows:  corral.yaml, section `grants`; docs/plugins/grants.md
 */
#ifndef CORRAL_EXT_SMTP_H
#define CORRAL_EXT_SMTP_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_HOST_SMTP "corral.host.smtp/1"

/* The answer to corral_host_smtp.send, called exactly once for each send that returned CORRAL_OK. `status` is CORRAL_OK
 * when the server took the message for all recipients, and `result` {"status": 250, "reply": "250 2.0.0 queued"}; or it
 * is negative and `result` {"code", "message", "retryable"}: CORRAL_DENIED without a grant, CORRAL_FAILED when the server
 * refused (retryable: its answer began with a 4), CORRAL_UNAVAILABLE when it was not reached. `result` lives until this
 * function returns. When the calling call is over first, `status` is CORRAL_GONE. [notify] */
typedef void (*corral_smtp_completion)(void *CORRAL_NULLABLE argument, corral_status status, corral_slice result);

/* The host service "corral.host.smtp/1". NULL unless the plugin was granted a server. */
typedef struct corral_host_smtp {
    uint32_t struct_size;
    uint32_t reserved;

    /* Sends a message on behalf of `call`: a JSON object of at most 1 MiB
     *   {"server": "smtp://mail.example.com:587", "login": "${secret:NAME}", "from": "a@example.com",
     *    "to": ["b@example.com"], "message": "From: ...\r\n...\r\n\r\ntext\r\n", "timeout_ms": 30000}
     * "smtp" begins plain and goes on after STARTTLS or not at all; "smtps" is TLS from the start; "plain": true does
     * without, towards servers that the operator granted as internal. `login` may be left out; its secret has the scheme
     * "basic" and is bound to the server. Addresses are ASCII without display names. `message` is header and text as in
     * RFC 5322: ASCII, lines of at most 998 bytes that end with CR and LF, at most 768 KiB; lines that begin with a
     * point are escaped on the way. The slice is copied. Errors at once: GONE, INVALID (no JSON object, NULL
     * completion), LIMIT (too large, or 64 requests under way). [any] */
    corral_status (*CORRAL_NONNULL send)(
        corral_call call, corral_slice request, corral_smtp_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);
} corral_host_smtp;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.h: the kind "memory": where agents keep what they want to know later, and the host service through which they
 * do. The host decides who may see what: it sets namespace and author, checks the sharing rules and asks the backend.
 * DRAFT.
 *
 * An entry, as every answer shows it:
 *   {"id", "namespace", "layer", "key"?, "text", "value"?, "tags": [text], "author": {"agent", "run", "session", "user"},
 *    "created_at_ms", "updated_at_ms", "expires_at_ms"?, "score"?}
 * "layer" is short_term, medium_term or long_term. "key" is the author's own name for the entry, unique in namespace
 * and layer: a put with a known key replaces. "value" is any JSON beside the text; "text" is what searches read. Times
 * are milliseconds since 1970 by the host's clock, which every request states as "now_ms": an entry whose
 * "expires_at_ms" is not after it does not exist, whoever asks. Members of "author" that are not known are left out.
 * A namespace is a name to the backend. "*" stands for all of them: the operator's view, which no agent gets.
 */
#ifndef CORRAL_EXT_MEMORY_H
#define CORRAL_EXT_MEMORY_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_MEMORY "corral.memory/1"
#define CORRAL_EXT_HOST_MEMORY "corral.host.memory/1"

/* What a memory backend implements. Every function has the shape of corral_agent.run: a JSON object in request->body, a
 * JSON object pushed as the result, failures by corral_host.set_error and a negative status, CORRAL_PENDING when the
 * completion follows. The backend is the only plugin of its process and usually asks for the grant "storage"
 * (storage.h). */
typedef struct corral_memory {
    uint32_t struct_size;
    uint32_t reserved;

    /* {"now_ms", "namespace", "layer", "key"?, "text", "value"?, "tags"?: [text], "author": {...}, "expires_at_ms"?,
     * "effect"?} → {"id", "created_at_ms", "updated_at_ms", "replaced": bool}. What was answered is on the disk. A
     * second put of the same "effect" changes nothing and is answered as the first. [call] */
    corral_status (*CORRAL_NONNULL put)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);

    /* {"now_ms", "namespace", "layer"?, "id" or "key"} → {"entry": entry or null}. Without a layer: the first of
     * short, medium and long term that has it. [call] */
    corral_status (*CORRAL_NONNULL get)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);

    /* {"now_ms", "namespaces": [text], "layers"?: [layer], "query", "tags"?: [text], "limit"} → {"entries": [entry
     * with "score"]}, best first, the score from 0 to 1. Only entries that carry all the tags. A query is words,
     * never syntax: whatever stands in its first 4 KiB, it is no error. [call] */
    corral_status (*CORRAL_NONNULL search)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);

    /* {"now_ms", "namespaces": [text], "layers"?, "tags"?, "limit", "cursor"?} → {"entries": [entry], "cursor"?},
     * newest first by the time of the last change. The cursor of an answer continues there; an answer without one
     * was the last. [call] */
    corral_status (*CORRAL_NONNULL list)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);

    /* {"now_ms", "namespace", "layers"?, and one of "id", "key", "older_than_ms" (changed last before that time),
     * "all": true}, or {"now_ms", "expired": true}: all that is past its time → {"forgotten": number of entries}.
     * What is forgotten is gone from the files, too, in time. [call] */
    corral_status (*CORRAL_NONNULL forget)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);
} corral_memory;

/* The answer to corral_host_memory.start, called exactly once for each start that returned CORRAL_OK. `status` is
 * CORRAL_OK and `result` the method's answer, or negative and `result` a JSON object {"code", "message", "retryable"}.
 * `result` lives until this function returns. When the calling call is over first, `status` is CORRAL_GONE. [notify] */
typedef void (*corral_memory_completion)(void *CORRAL_NULLABLE argument, corral_status status, corral_slice result);

/* The host service "corral.host.memory/1": what the backend offers, for a call of any plugin. NULL unless the plugin's
 * manifest asks for the grant "memory": true and the policy allows it. */
typedef struct corral_host_memory {
    uint32_t struct_size;
    uint32_t reserved;

    /* Starts a method, "put", "get", "search", "list" or "forget", with the body that the backend's function of that
     * name takes but for "now_ms", "namespace", "namespaces" and "author", which are the host's. Instead there is
     * "scope": whose memory it is, agent (the default: this agent's own), session or tenant; and a put may say
     * "expires_in_ms" instead of "expires_at_ms". Both slices are copied. Errors at once: GONE, INVALID (another method,
     * no JSON object, NULL completion), LIMIT (too many under way). A denial by the sharing rules arrives at the
     * completion as CORRAL_DENIED. [any] */
    corral_status (*CORRAL_NONNULL start)(
        corral_call call, corral_slice method, corral_slice body, corral_memory_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);
} corral_host_memory;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * host.h: what the host offers every plugin. Everything about a call goes through its handle; there is no ambient
 * context. Further host services ("corral.host.tool/1", ...) come from get_extension and are NULL where not granted.
 */
#ifndef CORRAL_HOST_H
#define CORRAL_HOST_H

#include "version.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_LOG_DEBUG 1u
#define CORRAL_LOG_INFO 2u
#define CORRAL_LOG_WARNING 3u
#define CORRAL_LOG_ERROR 4u

/* Why a call failed, in the plugin's words. The message reaches the user as written. */
typedef struct corral_error {
    uint32_t struct_size;
    /* 1 when the same call may succeed later, else 0. A flow's retry policy reads it. */
    uint32_t is_retryable;
    /* A short machine name, [a-z0-9_]{1,64}; flows match it in `retry.on`. Empty = "failed". */
    corral_slice code;
    /* One sentence for people. */
    corral_slice message;
    /* A JSON value with details, or empty. */
    corral_slice details;
} corral_error;

/* Called at most once, when the call is cancelled or its deadline passes, and never after the call's completion.
 * [notify] */
typedef void (*corral_cancel_callback)(void *CORRAL_NULLABLE argument, corral_call call);

/* The host's functions. Valid for the life of the process. Every function may be called from [any] thread unless its
 * comment says otherwise, and answers CORRAL_GONE for a stale handle and CORRAL_INVALID for arguments it cannot use.
 * Where a push "may wait for credit", the first 64 KiB that a call pushes never do, all kinds together and each push
 * counted with 64 bytes more: code that must not block its thread, such as a coroutine's, may push so much anywhere. */
typedef struct corral_host {
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;

    /* The vtable of a host service, or NULL when the host has none of that id or the plugin has no grant for it. The
     * grant is checked again with every use. [any] */
    const void *CORRAL_NULLABLE (*CORRAL_NONNULL get_extension)(const char *CORRAL_NONNULL id);

    /* Writes a line to the host's log. `call` may be CORRAL_NO_CALL. Control characters are escaped and long lines cut;
     * a flood is counted and dropped. The message is copied. [any] */
    void (*CORRAL_NONNULL log)(corral_call call, uint32_t level, corral_slice message);

    /* Appends bytes to the call's result, which must be one JSON value when the call completes. May wait for credit.
     * The bytes are copied. Errors: CANCELLED (stop working), LIMIT (result too large), GONE. [any] */
    corral_status (*CORRAL_NONNULL push_result)(corral_call call, corral_slice bytes);

    /* Shows a piece of output while the call runs: UTF-8 text, in order. It is not part of the result. May wait for
     * credit. The text is copied. Errors: CANCELLED, LIMIT, GONE. [any] */
    corral_status (*CORRAL_NONNULL push_partial)(corral_call call, corral_slice text);

    /* Says how far the call is: `fraction` from 0 to 1, or NaN when unknown. Never waits; too many are dropped. The
     * text is copied. Errors: GONE. [any] */
    corral_status (*CORRAL_NONNULL push_progress)(corral_call call, double fraction, corral_slice text);

    /* Appends bytes to an output file of this call; the first use of a name creates it. `name` is a plain file name
     * (1-128 bytes, no '/'), `media_type` as in RFC 6838. The result names it as {"$artifact": "<name>"}, which the
     * host replaces by a reference to the stored content. May wait for credit. All slices are copied.
     * Errors: CANCELLED, LIMIT, GONE. [any] */
    corral_status (*CORRAL_NONNULL push_artifact)(
        corral_call call, corral_slice name, corral_slice media_type, corral_slice bytes);

    /* The content of an artifact the request refers to, by the text after "$artifact". Writes to *content a slice that
     * stays valid until the call's completion. Errors: INVALID (the request does not refer to it), GONE. [any] */
    corral_status (*CORRAL_NONNULL read_artifact)(
        corral_call call, corral_slice reference, corral_slice *CORRAL_NONNULL content);

    /* States how sure the plugin is of the result: 0 to 1. Errors: INVALID (outside 0-1), GONE. [any] */
    corral_status (*CORRAL_NONNULL set_confidence)(corral_call call, double confidence);

    /* Declares a change that the result stands for: a class such as "database_schema_changes" and what it touches.
     * Reviews and policies read it. Both slices are copied. Errors: LIMIT (more than 256), GONE. [any] */
    corral_status (*CORRAL_NONNULL add_change)(corral_call call, corral_slice change_class, corral_slice target);

    /* Gives the reason before the call completes with a negative status. The last one counts. All slices are copied.
     * Errors: GONE. [any] */
    corral_status (*CORRAL_NONNULL set_error)(corral_call call, const corral_error *CORRAL_NONNULL error);

    /* Ends a call whose function returned CORRAL_PENDING. After it the handle is stale and the request's memory is
     * gone. `status` is CORRAL_OK or negative. Errors: GONE (a second completion, or one after the call was ended by
     * the host). May be called before the function that received the call has returned CORRAL_PENDING. [any] */
    corral_status (*CORRAL_NONNULL complete)(corral_call call, corral_status status);

    /* 1 when the call should stop (cancelled, past its deadline or stale), else 0. Cheap enough for inner loops.
     * [any] */
    int32_t (*CORRAL_NONNULL is_cancelled)(corral_call call);

    /* Registers the one callback for cancellation; it runs at once when the call is already cancelled. `argument` must
     * live until the callback ran or the call completed. Errors: GONE. [any] */
    corral_status (*CORRAL_NONNULL on_cancel)(
        corral_call call, corral_cancel_callback CORRAL_NONNULL callback, void *CORRAL_NULLABLE argument);
} corral_host;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

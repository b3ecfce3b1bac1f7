/* SPDX-License-Identifier: Apache-2.0
 *
 * wait.h: host services for C authors who would rather wait than be called back: each function starts a request and
 * returns with its answer. Not part of corral.h: include it where you need it, and link with -pthread.
 *
 * They wait on the thread that calls them, so call them from agent.run or tool.call (which has a thread of its own), never
 * from a completion or a cancellation callback. When the call is cancelled they return CORRAL_CANCELLED at once; what was
 * under way is then dropped, and its descriptors are closed.
 */
#ifndef CORRAL_WAIT_H
#define CORRAL_WAIT_H

/* Needs POSIX.1-2008: with -std=c11 include it before any other header, or define this (or _GNU_SOURCE) yourself. */
#if !defined(_POSIX_C_SOURCE) && !defined(_GNU_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "corral.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An answer: free it with corral_answer_free, whatever the status. */
typedef struct corral_answer {
    corral_status status;
    /* With CORRAL_OK the service's result, else {"code", "message", "retryable"}. NUL-terminated, for convenience. */
    char *bytes;
    size_t size;
    /* connect: a socket. process: input, output, errors. Else -1. Yours to close. */
    int32_t descriptors[3];
} corral_answer;

/* Clears the bytes (they may be a secret) and frees them. Does not close the descriptors. */
static inline void corral_answer_free(corral_answer *answer) {
    if (answer->bytes != NULL) {
        volatile char *byte = answer->bytes;
        for (size_t i = 0; i < answer->size; i++) byte[i] = 0;
        free(answer->bytes);
    }
    answer->bytes = NULL;
    answer->size = 0;
}

/* Shared by the thread that waits and the completion, which may come after nobody waits any more: whoever is last frees
 * it. */
typedef struct corral_waiter {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    int is_answered, is_abandoned;
    corral_answer answer;
} corral_waiter;

static inline corral_waiter *corral_waiter_new(void) {
    corral_waiter *waiter = (corral_waiter *)calloc(1, sizeof *waiter);
    if (waiter == NULL) return NULL;
    pthread_mutex_init(&waiter->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&waiter->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    for (int i = 0; i < 3; i++) waiter->answer.descriptors[i] = -1;
    return waiter;
}

static inline void corral_waiter_free(corral_waiter *waiter) {
    corral_answer_free(&waiter->answer);
    pthread_cond_destroy(&waiter->condition);
    pthread_mutex_destroy(&waiter->mutex);
    free(waiter);
}

static inline void corral_waiter_answer(
    corral_waiter *waiter, corral_status status, corral_slice result, const int32_t descriptors[3]) {
    pthread_mutex_lock(&waiter->mutex);
    int is_abandoned = waiter->is_abandoned;
    if (!is_abandoned) {
        waiter->answer.status = status;
        waiter->answer.bytes = (char *)malloc(result.size + 1);
        if (waiter->answer.bytes != NULL) {
            if (result.size > 0) memcpy(waiter->answer.bytes, result.data, result.size);
            waiter->answer.bytes[result.size] = 0;
            waiter->answer.size = result.size;
        } else {
            waiter->answer.status = CORRAL_LIMIT;
        }
        for (int i = 0; i < 3; i++) waiter->answer.descriptors[i] = descriptors[i];
        waiter->is_answered = 1;
        pthread_cond_signal(&waiter->condition);
    }
    pthread_mutex_unlock(&waiter->mutex);
    if (!is_abandoned) return;
    for (int i = 0; i < 3; i++) if (descriptors[i] >= 0) close(descriptors[i]);
    corral_waiter_free(waiter);
}

/* The completions. */
static inline void corral_waiter_done(void *argument, corral_status status, corral_slice result) {
    const int32_t none[3] = {-1, -1, -1};
    corral_waiter_answer((corral_waiter *)argument, status, result, none);
}

static inline void corral_waiter_socket(void *argument, corral_status status, corral_slice result, int32_t socket) {
    const int32_t one[3] = {socket, -1, -1};
    corral_waiter_answer((corral_waiter *)argument, status, result, one);
}

static inline void corral_waiter_pipes(
    void *argument, corral_status status, corral_slice result, int32_t input, int32_t output, int32_t errors) {
    const int32_t three[3] = {input, output, errors};
    corral_waiter_answer((corral_waiter *)argument, status, result, three);
}

/* Waits for the answer to a request that `started` is the start's status of. */
static inline corral_status corral_waiter_wait(
    const corral_host *host, corral_call call, corral_waiter *waiter, corral_status started, corral_answer *answer) {
    const corral_answer none = {CORRAL_FAILED, NULL, 0, {-1, -1, -1}};
    *answer = none;
    if (started < 0) {
        corral_waiter_free(waiter);
        return answer->status = started;
    }
    pthread_mutex_lock(&waiter->mutex);
    while (!waiter->is_answered) {
        /* A callback for cancellation would do, but a call has only one, and it is the author's. */
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 20 * 1000 * 1000;
        if (until.tv_nsec >= 1000000000) { until.tv_nsec -= 1000000000; until.tv_sec += 1; }
        int result = pthread_cond_timedwait(&waiter->condition, &waiter->mutex, &until);
        if (waiter->is_answered || result != ETIMEDOUT || !host->is_cancelled(call)) continue;
        waiter->is_abandoned = 1;
        pthread_mutex_unlock(&waiter->mutex);
        return answer->status = CORRAL_CANCELLED;
    }
    *answer = waiter->answer;
    waiter->answer = none;
    pthread_mutex_unlock(&waiter->mutex);
    corral_waiter_free(waiter);
    return answer->status;
}

/* The vtable of a service, or CORRAL_DENIED in the answer where the plugin has no grant for it. */
#define CORRAL_WAIT_FOR(type, id, start_expression) \
    const type *service = (const type *)host->get_extension(id); \
    const corral_answer denied = {CORRAL_DENIED, NULL, 0, {-1, -1, -1}}; \
    *answer = denied; \
    if (service == NULL) return CORRAL_DENIED; \
    corral_waiter *waiter = corral_waiter_new(); \
    if (waiter == NULL) return answer->status = CORRAL_LIMIT; \
    return corral_waiter_wait(host, call, waiter, start_expression, answer)

/* Uses the tool "publisher/name.tool" with a JSON object of arguments; see tool.h. */
static inline corral_status corral_wait_tool(
    const corral_host *host, corral_call call, corral_slice tool, corral_slice arguments, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_tool, CORRAL_EXT_HOST_TOOL, service->start(call, tool, arguments, corral_waiter_done, waiter));
}

/* Makes an HTTP request; see http.h. */
static inline corral_status corral_wait_http(
    const corral_host *host, corral_call call, corral_slice request, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_http, CORRAL_EXT_HOST_HTTP, service->start(call, request, NULL, corral_waiter_done, waiter));
}

/* Connects to "host:port": the socket is answer->descriptors[0]; see connect.h. */
static inline corral_status corral_wait_connect(
    const corral_host *host, corral_call call, corral_slice endpoint, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_connect, CORRAL_EXT_HOST_CONNECT, service->open(call, endpoint, corral_waiter_socket, waiter));
}

/* Starts a program: its pipes are answer->descriptors; see process.h. */
static inline corral_status corral_wait_start(
    const corral_host *host, corral_call call, corral_slice request, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_process, CORRAL_EXT_HOST_PROCESS, service->start(call, request, corral_waiter_pipes, waiter));
}

/* Waits for the end of a program; see process.h. */
static inline corral_status corral_wait_exit(
    const corral_host *host, corral_call call, uint64_t process, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_process, CORRAL_EXT_HOST_PROCESS, service->wait(call, process, corral_waiter_done, waiter));
}

/* Runs a program to its end; see process.h. */
static inline corral_status corral_wait_run(
    const corral_host *host, corral_call call, corral_slice request, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_process, CORRAL_EXT_HOST_PROCESS, service->run(call, request, corral_waiter_done, waiter));
}

/* The value of a secret; see secret.h. */
static inline corral_status corral_wait_secret(
    const corral_host *host, corral_call call, corral_slice name, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_secret, CORRAL_EXT_HOST_SECRET, service->reveal(call, name, corral_waiter_done, waiter));
}

/* Uses the tenant's memory: "put", "get", "search", "list" or "forget"; see memory.h. */
static inline corral_status corral_wait_memory(
    const corral_host *host, corral_call call, corral_slice method, corral_slice body, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_memory, CORRAL_EXT_HOST_MEMORY, service->start(call, method, body, corral_waiter_done, waiter));
}

/* Hands a message to a mail server; see smtp.h. */
static inline corral_status corral_wait_mail(
    const corral_host *host, corral_call call, corral_slice request, corral_answer *answer) {
    CORRAL_WAIT_FOR(corral_host_smtp, CORRAL_EXT_HOST_SMTP, service->send(call, request, corral_waiter_done, waiter));
}

/* Renders a prompt with a JSON object of variables; see prompt.h. */
static inline corral_status corral_wait_prompt(
    const corral_host *host, corral_call call, corral_slice name, corral_slice variables, corral_answer *answer) {
    CORRAL_WAIT_FOR(
        corral_host_prompt, CORRAL_EXT_HOST_PROMPT, service->render(call, name, variables, corral_waiter_done, waiter));
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * harness.c: a host for one call, to be linked with a plugin into one ordinary program: no worker, no sandbox, nothing
 * between a debugger or a sanitizer and the plugin.
 *
 *     cc -g -fsanitize=address,undefined -I SDK/include agent.c SDK/Conformance/harness.c -o debug -pthread
 *     ./debug sample-input.json [TOOL] [TIMES]
 *
 * The input is a file with one JSON value. A file that the plugin reads is given as {"$artifact": "PATH"}. The result goes
 * to standard output, all else to standard error. Exit status: 0 = the call succeeded, 1 = it failed, 2 = there was none.
 * It grants no host services.
 */
#define _POSIX_C_SOURCE 200809L
#include <corral/corral.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 64

typedef struct file {
    corral_slice content;
} file;

/* The one call. Its handle is the number of the attempt, so that a handle of an earlier one is stale. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    corral_call handle;
    int is_over;
    corral_status status;
    char *result;
    size_t result_size;
    file files[FILES_MAX];
    size_t file_count;
} call = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};

static _Noreturn void stop(const char *what, const char *why) {
    fprintf(stderr, "harness: %s%s%s\n", what, why[0] ? ": " : "", why);
    exit(2);
}

static void show(const char *what, corral_slice words) {
    fprintf(stderr, "%s: %.*s\n", what, (int)words.size, words.size ? (const char *)words.data : "");
}

static int is_live(corral_call handle) { return handle == call.handle && !call.is_over; }

/* ---- The functions of host.h ---- */

static const void *get_extension(const char *id) {
    fprintf(stderr, "harness: asked for \"%s\", which the harness does not have\n", id);
    return NULL;
}

static void write_log(corral_call handle, uint32_t level, corral_slice message) {
    static const char *const names[] = {"log", "debug", "info", "warning", "error"};
    (void)handle;
    show(names[level <= 4 ? level : 0], message);
}

static corral_status push_result(corral_call handle, corral_slice bytes) {
    pthread_mutex_lock(&call.lock);
    corral_status status = is_live(handle) ? CORRAL_OK : CORRAL_GONE;
    if (status == CORRAL_OK && bytes.size > 0) {
        char *grown = realloc(call.result, call.result_size + bytes.size);
        if (grown == NULL) stop("no memory", "");
        memcpy(grown + call.result_size, bytes.data, bytes.size);
        call.result = grown;
        call.result_size += bytes.size;
    }
    pthread_mutex_unlock(&call.lock);
    return status;
}

static corral_status if_live(corral_call handle) {
    pthread_mutex_lock(&call.lock);
    corral_status status = is_live(handle) ? CORRAL_OK : CORRAL_GONE;
    pthread_mutex_unlock(&call.lock);
    return status;
}

static corral_status push_partial(corral_call handle, corral_slice words) {
    show("partial", words);
    return if_live(handle);
}

static corral_status push_progress(corral_call handle, double fraction, corral_slice words) {
    fprintf(stderr, "progress %.2f ", fraction);
    show("", words);
    return if_live(handle);
}

static corral_status push_artifact(corral_call handle, corral_slice name, corral_slice type, corral_slice bytes) {
    (void)type;
    fprintf(stderr, "%zu bytes for ", bytes.size);
    show("file", name);
    return if_live(handle);
}

static corral_slice read_file(const char *path) {
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) stop(path, strerror(errno));
    char *bytes = NULL;
    size_t size = 0, count;
    char buffer[65536];
    while ((count = fread(buffer, 1, sizeof buffer, stream)) > 0) {
        bytes = realloc(bytes, size + count);
        if (bytes == NULL) stop("no memory", "");
        memcpy(bytes + size, buffer, count);
        size += count;
    }
    fclose(stream);
    return (corral_slice){(const uint8_t *)bytes, size};
}

static corral_status read_artifact(corral_call handle, corral_slice reference, corral_slice *content) {
    if (if_live(handle) != CORRAL_OK) return CORRAL_GONE;
    char path[4096];
    if (reference.size >= sizeof path) return CORRAL_INVALID;
    memcpy(path, reference.data, reference.size);
    path[reference.size] = '\0';
    pthread_mutex_lock(&call.lock);
    if (call.file_count == FILES_MAX) stop("too many files", path);
    *content = call.files[call.file_count++].content = read_file(path);
    pthread_mutex_unlock(&call.lock);
    return CORRAL_OK;
}

static corral_status set_confidence(corral_call handle, double confidence) {
    if (!(confidence >= 0 && confidence <= 1)) return CORRAL_INVALID;
    fprintf(stderr, "confidence: %.2f\n", confidence);
    return if_live(handle);
}

static corral_status add_change(corral_call handle, corral_slice change_class, corral_slice target) {
    show("change", change_class);
    show("     of", target);
    return if_live(handle);
}

static corral_status set_error(corral_call handle, const corral_error *error) {
    show("error code", error->code);
    show("error", error->message);
    return if_live(handle);
}

static corral_status complete(corral_call handle, corral_status status) {
    pthread_mutex_lock(&call.lock);
    corral_status answer = is_live(handle) ? CORRAL_OK : CORRAL_GONE;
    if (answer == CORRAL_OK) {
        call.is_over = 1;
        call.status = status;
        pthread_cond_broadcast(&call.ended);
    }
    pthread_mutex_unlock(&call.lock);
    return answer;
}

static int32_t is_cancelled(corral_call handle) { return if_live(handle) == CORRAL_OK ? 0 : 1; }

static corral_status on_cancel(corral_call handle, corral_cancel_callback callback, void *argument) {
    (void)callback;
    (void)argument;
    return if_live(handle);
}

static const corral_host host = {
    sizeof host,   CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, get_extension,  write_log,  push_result, push_partial, push_progress,
    push_artifact, read_artifact,    set_confidence,   add_change,     set_error,  complete,    is_cancelled, on_cancel,
};

/* ---- One call ---- */

static corral_status start(const corral_plugin *plugin, const char *tool, const corral_request *request) {
    const char *id = tool == NULL ? CORRAL_EXT_AGENT : CORRAL_EXT_TOOL;
    const void *table = plugin->get_extension(plugin->instance, id);
    if (table == NULL) stop("the plugin does not provide", id);
    if (tool == NULL) return ((const corral_agent *)table)->run(plugin->instance, call.handle, request);
    corral_slice name = {(const uint8_t *)tool, strlen(tool)};
    return ((const corral_tool *)table)->call(plugin->instance, call.handle, name, request);
}

static corral_status run(const corral_plugin *plugin, const char *tool, corral_slice body) {
    call.handle += 1;
    call.is_over = 0;
    call.result_size = 0;
    corral_request request = {.struct_size = sizeof request, .body = body};
    corral_status status = start(plugin, tool, &request);
    pthread_mutex_lock(&call.lock);
    if (status != CORRAL_PENDING && !call.is_over) {
        call.is_over = 1;
        call.status = status;
    }
    while (!call.is_over) pthread_cond_wait(&call.ended, &call.lock);
    for (size_t i = 0; i < call.file_count; i++) free((void *)call.files[i].content.data);
    call.file_count = 0;
    pthread_mutex_unlock(&call.lock);
    return call.status;
}

int main(int count, char **arguments) {
    if (count < 2) stop("usage: debug INPUT.json [TOOL] [TIMES]", "");
    const char *tool = count > 2 && strcmp(arguments[2], "-") != 0 ? arguments[2] : NULL;
    long times = count > 3 ? strtol(arguments[3], NULL, 10) : 1;
    corral_slice body = read_file(arguments[1]);

    const corral_plugin *plugin = corral_plugin_entry(&host);
    if (plugin == NULL) stop("corral_plugin_entry returned NULL", "");
    corral_slice settings = {(const uint8_t *)"{}", 2};
    if (plugin->activate != NULL && plugin->activate(plugin->instance, settings) < 0) stop("activate failed", "");

    corral_status status = CORRAL_OK;
    for (long i = 0; i < times; i++) status = run(plugin, tool, body);
    printf("%.*s\n", (int)call.result_size, call.result_size ? call.result : "");
    fprintf(stderr, "status: %" PRId32 "\n", status);

    if (plugin->deactivate != NULL) plugin->deactivate(plugin->instance);
    free(call.result);
    free((void *)body.data);
    return status == CORRAL_OK ? 0 : 1;
}

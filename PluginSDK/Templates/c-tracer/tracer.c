/* SPDX-License-Identifier: Apache-2.0
 *
 * tracer.c: a whole Corral tracer in C: it appends each batch of spans as a line to a file in its own folder, and begins
 * a new file when one is full. `make` builds span-lines.so, which goes into plugins.d/.
 */
#define _POSIX_C_SOURCE 200809L
#include <corral/corral.h>
#include <corral/json.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static const char manifest[] =
    "{\"id\":\"acme/span-lines\",\"version\":\"1.0.0\",\"summary\":\"Writes spans to a file, a batch a line\","
    "\"provides\":[\"corral.tracer/1\"],\"grants\":{\"storage\":true},"
    "\"config\":[{\"name\":\"file_bytes_max\",\"type\":\"int\",\"default\":16777216,\"minimum\":4096,\"help\":\"When a new file is begun; the last one is kept\"}]}";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Set when the plugin is activated; empty when it was granted no folder. */
static char path[4096], previous[4096];
static int64_t bytes_max = 16777216;

static const corral_host *host;

static corral_slice text(const char *words) {
    return (corral_slice){(const uint8_t *)words, strlen(words)};
}

/* Gives the reason and the status of a call that fails. The message reaches the user as written. */
static corral_status fail(corral_call call, corral_status status, const char *code, const char *message) {
    corral_error error = {.struct_size = sizeof error, .code = text(code), .message = text(message)};
    host->set_error(call, &error);
    return status;
}

static corral_status activate(void *instance, corral_slice configuration) {
    (void)instance;
    bytes_max = corral_json_integer(corral_json_member(configuration, "file_bytes_max"), bytes_max);
    const corral_host_storage *storage = host->get_extension(CORRAL_EXT_HOST_STORAGE);
    if (storage == NULL) return CORRAL_OK;
    corral_slice folder = storage->folder();
    snprintf(path, sizeof path, "%.*s/spans.jsonl", (int)folder.size, (const char *)folder.data);
    snprintf(previous, sizeof previous, "%.*s/spans.1.jsonl", (int)folder.size, (const char *)folder.data);
    return CORRAL_OK;
}

static int64_t spans_of(corral_slice batch) {
    int64_t count = 0;
    corral_slice resource, scope, span;
    size_t a = 0;
    while (corral_json_next(corral_json_member(batch, "resourceSpans"), &a, NULL, &resource)) {
        size_t b = 0;
        while (corral_json_next(corral_json_member(resource, "scopeSpans"), &b, NULL, &scope)) {
            size_t c = 0;
            while (corral_json_next(corral_json_member(scope, "spans"), &c, NULL, &span)) count++;
        }
    }
    return count;
}

/* The batch and a line's end in one write, so that a line is whole or, after a crash, the last. */
static int append(corral_slice batch) {
    corral_buffer line = {0};
    corral_buffer_add(&line, batch.data, batch.size);
    corral_buffer_raw(&line, "\n");
    struct stat status;
    if (stat(path, &status) == 0 && status.st_size + (int64_t)line.size > bytes_max) rename(path, previous);
    int file = line.failed ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int done = file >= 0 && write(file, line.bytes, line.size) == (ssize_t)line.size;
    if (file >= 0) close(file);
    corral_buffer_free(&line);
    return done;
}

static corral_status export_spans(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    corral_slice batch = request->body;
    if (corral_json_member(batch, "resourceSpans").size == 0)
        return fail(call, CORRAL_INVALID, "no_batch", "the request has no resourceSpans");
    if (path[0] == 0) return fail(call, CORRAL_UNAVAILABLE, "no_storage", "this plugin was granted no folder");
    if (memchr(batch.data, '\n', batch.size) != NULL)
        return fail(call, CORRAL_INVALID, "not_one_line", "the batch is not on one line");
    pthread_mutex_lock(&lock);
    int done = append(batch);
    pthread_mutex_unlock(&lock);
    if (done) return host->push_result(call, text("{}"));
    char words[128];
    snprintf(words, sizeof words, "{\"rejected\":%lld,\"message\":\"the file cannot be written\"}",
             (long long)spans_of(batch));
    return host->push_result(call, text(words));
}

static const void *get_extension(void *instance, const char *id) {
    static const corral_tracer tracer = {.struct_size = sizeof tracer, .export_spans = export_spans};
    (void)instance;
    return strcmp(id, CORRAL_EXT_TRACER) == 0 ? &tracer : NULL;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static const corral_plugin plugin = {
        .struct_size = sizeof plugin,
        .abi_major = CORRAL_ABI_MAJOR,
        .abi_minor = CORRAL_ABI_MINOR,
        .manifest = {(const uint8_t *)manifest, sizeof manifest - 1},
        .activate = activate,
        .get_extension = get_extension,
    };
    if (given->abi_major != CORRAL_ABI_MAJOR || given->struct_size < sizeof *given) return NULL;
    host = given;
    return &plugin;
}

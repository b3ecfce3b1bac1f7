/* SPDX-License-Identifier: Apache-2.0
 *
 * notifier.c: a whole Corral notifier in C: it posts each notification as JSON to a URL of its configuration. `make` builds
 * post.so, which goes into plugins.d/.
 */
#define _POSIX_C_SOURCE 200809L
#include <corral/corral.h>
#include <corral/json.h>
#include <corral/wait.h>

static const char manifest[] =
    "{\"id\":\"acme/post\",\"version\":\"1.0.0\",\"summary\":\"Posts notifications to a URL\","
    "\"provides\":[\"corral.notifier/1\"],"
    "\"grants\":{\"http\":[{\"host\":\"hooks.example.com\",\"methods\":[\"POST\"]}]},"
    "\"config\":[{\"name\":\"url\",\"type\":\"string\",\"default\":\"https://hooks.example.com/notify\",\"help\":\"Where notifications go\"}]}";

/* Written when the plugin is activated, before the first call. */
static char url[2048] = "https://hooks.example.com/notify";

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

/* Pushes what was written, whole. */
static corral_status answer(corral_call call, corral_buffer *buffer) {
    corral_status status =
        buffer->failed ? fail(call, CORRAL_LIMIT, "memory", "there is no memory left") : CORRAL_OK;
    if (status == CORRAL_OK) status = host->push_result(call, corral_buffer_slice(buffer));
    corral_buffer_free(buffer);
    return status;
}

static corral_status activate(void *instance, corral_slice configuration) {
    (void)instance;
    char *given = corral_json_text(corral_json_member(configuration, "url"), NULL);
    if (given != NULL) snprintf(url, sizeof url, "%s", given);
    free(given);
    return CORRAL_OK;
}

/* A failure that another attempt may mend says so: the host comes again with the same id. */
static corral_status refuse(corral_call call, const char *code, const char *message, uint32_t is_retryable) {
    corral_error error = {sizeof error, is_retryable, text(code), text(message), {NULL, 0}};
    host->set_error(call, &error);
    return is_retryable ? CORRAL_UNAVAILABLE : CORRAL_FAILED;
}

static corral_status judge_status(corral_call call, int64_t status) {
    char words[96];
    corral_buffer out = {0};
    if (status >= 200 && status < 300) {
        snprintf(words, sizeof words, "{\"detail\":\"status %lld\"}", (long long)status);
        corral_buffer_raw(&out, words);
        return answer(call, &out);
    }
    snprintf(words, sizeof words, "the receiver answered with status %lld", (long long)status);
    return refuse(call, "refused", words, status >= 500 || status == 429 || status == 408);
}

static corral_status judge_failure(corral_call call, const corral_answer *reply) {
    corral_slice reason = {(const uint8_t *)reply->bytes, reply->size};
    char *message = corral_json_text(corral_json_member(reason, "message"), NULL);
    corral_slice flag = corral_json_member(reason, "retryable");
    uint32_t again = flag.size == 4 || (reply->size == 0 && reply->status == CORRAL_UNAVAILABLE);
    corral_status status = reply->status == CORRAL_CANCELLED
                               ? CORRAL_CANCELLED
                               : refuse(call, "unreachable", message != NULL ? message : "nobody answers there", again);
    free(message);
    return status;
}

/* Runs on a thread of its own, so it may wait for the answer. */
static corral_status notify(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    corral_slice id = corral_json_member(request->body, "id");
    if (id.size < 2) return fail(call, CORRAL_INVALID, "no_id", "the notification has no id");
    corral_buffer body = {0};
    corral_buffer_raw(&body, "{\"method\":\"POST\",\"url\":");
    corral_buffer_text(&body, url, strlen(url));
    corral_buffer_raw(&body, ",\"headers\":[[\"content-type\",\"application/json\"],[\"idempotency-key\",");
    corral_buffer_add(&body, id.data, id.size);
    corral_buffer_raw(&body, "]],\"body\":");
    corral_buffer_text(&body, (const char *)request->body.data, request->body.size);
    corral_buffer_raw(&body, "}");
    corral_answer reply = {0};
    corral_status status = corral_wait_http(host, call, corral_buffer_slice(&body), &reply);
    corral_buffer_free(&body);
    corral_slice response = {(const uint8_t *)reply.bytes, reply.size};
    status = status == CORRAL_OK ? judge_status(call, corral_json_integer(corral_json_member(response, "status"), 0))
                                 : judge_failure(call, &reply);
    corral_answer_free(&reply);
    return status;
}

static const void *get_extension(void *instance, const char *id) {
    static const corral_notifier notifier = {.struct_size = sizeof notifier, .notify = notify};
    (void)instance;
    return strcmp(id, CORRAL_EXT_NOTIFIER) == 0 ? &notifier : NULL;
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

/* SPDX-License-Identifier: Apache-2.0
 *
 * judge.c: a whole Corral judge in C: it judges how long an answer is, from its configuration. `make` builds brevity.so,
 * which goes into plugins.d/.
 */
#include <corral/corral.h>
#include <corral/json.h>

static const char manifest[] =
    "{\"id\":\"acme/brevity\",\"version\":\"1.0.0\",\"summary\":\"Judges how long an answer is\","
    "\"provides\":[\"corral.judge/1\"],"
    "\"judge\":{\"criteria\":[{\"name\":\"brevity\",\"help\":\"10 up to bytes_good, 1 from bytes_max on\"}]},"
    "\"config\":[{\"name\":\"bytes_good\",\"type\":\"int\",\"default\":2000,\"minimum\":1,\"help\":\"Bytes of an answer that are fine\"},"
    "{\"name\":\"bytes_max\",\"type\":\"int\",\"default\":20000,\"minimum\":2,\"help\":\"Bytes of an answer that nobody reads\"}]}";

/* Written when the plugin is activated, before the first call. */
static int64_t bytes_good = 2000, bytes_max = 20000;

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
    bytes_good = corral_json_integer(corral_json_member(configuration, "bytes_good"), bytes_good);
    bytes_max = corral_json_integer(corral_json_member(configuration, "bytes_max"), bytes_max);
    if (bytes_good < bytes_max) return CORRAL_OK;
    host->log(CORRAL_NO_CALL, CORRAL_LOG_ERROR, text("bytes_max must be more than bytes_good"));
    return CORRAL_INVALID;
}

/* Called by any of the worker's threads, several at a time. */
static corral_status judge_output(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    corral_slice output = corral_json_member(request->body, "output");
    corral_buffer out = {0};
    corral_buffer_raw(&out, "{\"scores\":[{\"criterion\":\"brevity\",\"score\":");
    if (output.size == 0 || output.data[0] == 'n') {
        corral_buffer_raw(&out, "null,\"explanation\":\"There is no output to measure.\"}]}");
        return answer(call, &out);
    }
    int64_t over = (int64_t)output.size - bytes_good, room = bytes_max - bytes_good;
    int64_t score = over <= 0 ? 10 : over >= room ? 1 : 10 - 9 * over / room;
    corral_buffer_integer(&out, score);
    corral_buffer_raw(&out, ",\"explanation\":\"The output has ");
    corral_buffer_integer(&out, (int64_t)output.size);
    corral_buffer_raw(&out, " bytes of JSON; up to ");
    corral_buffer_integer(&out, bytes_good);
    corral_buffer_raw(&out, " are fine.\"}]}");
    return answer(call, &out);
}

static const void *get_extension(void *instance, const char *id) {
    static const corral_judge judge = {.struct_size = sizeof judge, .judge = judge_output};
    (void)instance;
    return strcmp(id, CORRAL_EXT_JUDGE) == 0 ? &judge : NULL;
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

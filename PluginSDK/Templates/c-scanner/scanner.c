/* SPDX-License-Identifier: Apache-2.0
 *
 * scanner.c: a whole Corral scanner in C: it finds customer numbers, "CUST-" and eight digits, in one pass. `make` builds
 * customer-numbers.so, which goes into plugins.d/.
 */
#include <corral/corral.h>
#include <corral/json.h>

static const char manifest[] =
    "{\"id\":\"acme/customer-numbers\",\"version\":\"1.0.0\",\"summary\":\"Finds customer numbers\","
    "\"provides\":[\"corral.scanner/1\"],"
    "\"scanner\":{\"classes\":[{\"name\":\"customer_number\",\"severity\":\"high\",\"help\":\"CUST- and eight digits\"}]}}";

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

static int is_digit(char byte) { return byte >= '0' && byte <= '9'; }
static int is_word(char byte) {
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* Whether a customer number begins here and ends where a word ends. */
static int is_number(const char *words, size_t size, size_t at) {
    const size_t length = 13;
    if (size - at < length || memcmp(words + at, "CUST-", 5) != 0 || (at > 0 && is_word(words[at - 1]))) return 0;
    for (size_t i = 5; i < length; i++)
        if (!is_digit(words[at + i])) return 0;
    return at + length == size || !is_word(words[at + length]);
}

static void scan_text(corral_buffer *out, const char *words, size_t size, int64_t index, int *count) {
    for (size_t at = 0; at < size; at++) {
        if (words[at] != 'C' || !is_number(words, size, at)) continue;
        corral_buffer_raw(out, (*count)++ > 0 ? ",{\"text\":" : "{\"text\":");
        corral_buffer_integer(out, index);
        corral_buffer_raw(out, ",\"start\":");
        corral_buffer_integer(out, (int64_t)at);
        corral_buffer_raw(out, ",\"end\":");
        corral_buffer_integer(out, (int64_t)at + 13);
        corral_buffer_raw(out, ",\"class\":\"customer_number\",\"severity\":\"high\",\"confidence\":0.95,"
                               "\"redaction\":\"[customer number]\"}");
        at += 12;
    }
}

/* Called by any of the worker's threads, several at a time. Offsets count bytes of the text as UTF-8. */
static corral_status scan(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    corral_slice texts = corral_json_member(request->body, "texts"), item;
    if (texts.size == 0) return fail(call, CORRAL_INVALID, "no_texts", "the request has no texts");
    corral_buffer out = {0};
    int count = 0;
    size_t at = 0;
    corral_buffer_raw(&out, "{\"findings\":[");
    for (int64_t index = 0; corral_json_next(texts, &at, NULL, &item); index++) {
        size_t size = 0;
        char *words = corral_json_text(corral_json_member(item, "text"), &size);
        if (words != NULL) scan_text(&out, words, size, index, &count);
        free(words);
    }
    corral_buffer_raw(&out, "]}");
    return answer(call, &out);
}

static const void *get_extension(void *instance, const char *id) {
    static const corral_scanner scanner = {.struct_size = sizeof scanner, .scan = scan};
    (void)instance;
    return strcmp(id, CORRAL_EXT_SCANNER) == 0 ? &scanner : NULL;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static const corral_plugin plugin = {
        .struct_size = sizeof plugin,
        .abi_major = CORRAL_ABI_MAJOR,
        .abi_minor = CORRAL_ABI_MINOR,
        .manifest = {(const uint8_t *)manifest, sizeof manifest - 1},
        .get_extension = get_extension,
    };
    if (given->abi_major != CORRAL_ABI_MAJOR || given->struct_size < sizeof *given) return NULL;
    host = given;
    return &plugin;
}

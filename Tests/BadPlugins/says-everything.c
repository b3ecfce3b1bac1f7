/* SPDX-License-Identifier: Apache-2.0
 *
 * says-everything.c: repeats every text of its input's "values" wherever an agent can say something: printed lines, log,
 * progress, partial output in pieces of seven bytes, names and content of files, changes, its result; with "fail" in its
 * input, in its error instead of a result.
 */
#include "plugin.h"
#include <math.h>
#include <stdlib.h>

AGENT_PLUGIN("says-everything")

enum { TEXTS_MAX = 1024, TEXT_MAX = 4096, FILES_MAX = 60, PIECE = 7 };

/* The next string of the document from *at on, unescaped as far as the test needs it; 0 when none is left. */
static size_t next_text(const uint8_t **at, const uint8_t *end, char *text) {
    const uint8_t *p = *at;
    while (p < end && *p != '"' && *p != ']') p++;
    if (p >= end || *p == ']') return 0;
    size_t size = 0;
    for (p++; p < end && *p != '"' && size + 1 < TEXT_MAX; p++) {
        if (*p != '\\') {
            text[size++] = (char)*p;
            continue;
        }
        p++;
        text[size++] = *p == 'n' ? '\n' : (char)*p;
    }
    text[size] = 0;
    *at = p + 1;
    return size;
}

static void say(corral_call call, const char *text, size_t size, int *files) {
    corral_slice slice = {(const uint8_t *)text, size};
    printf("printed: %s\n", text);
    host->log(call, CORRAL_LOG_WARNING, slice);
    host->push_progress(call, NAN, slice);
    for (size_t at = 0; at < size; at += PIECE) {
        size_t rest = size - at < PIECE ? size - at : PIECE;
        host->push_partial(call, (corral_slice){(const uint8_t *)text + at, rest});
    }
    host->push_partial(call, SLICE(" and\n"));
    host->add_change(call, SLICE("said_aloud"), slice);
    host->push_artifact(call, SLICE("everything.txt"), SLICE("text/plain"), slice);
    host->push_artifact(call, SLICE("everything.txt"), SLICE("text/plain"), SLICE("\n"));
    if (*files >= FILES_MAX || size > 100 || memchr(text, '/', size) || memchr(text, '\n', size)) return;
    char name[TEXT_MAX + 16];
    snprintf(name, sizeof name, "of %s.txt", text);
    host->push_artifact(call, SLICE(name), SLICE("text/plain"), SLICE("x"));
    (*files)++;
}

static corral_status fail(corral_call call, corral_slice body) {
    corral_error error = {sizeof error, 0, SLICE("said_too_much"), body, {NULL, 0}};
    host->set_error(call, &error);
    return CORRAL_FAILED;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    corral_slice body = request->body;
    const uint8_t *end = body.data + body.size;
    const uint8_t *at = memmem(body.data, body.size, "\"values\"", 8);
    if (at == NULL) return CORRAL_INVALID;
    at += 8;
    char text[TEXT_MAX];
    int files = 0;
    size_t size;
    for (int count = 0; count < TEXTS_MAX && (size = next_text(&at, end, text)) > 0; count++) {
        say(call, text, size, &files);
    }
    fflush(stdout);
    if (memmem(body.data, body.size, "\"fail\"", 6)) return fail(call, body);
    host->push_result(call, SLICE("{\"file\":{\"$artifact\":\"everything.txt\"},\"said\":"));
    host->push_result(call, body);
    return host->push_result(call, SLICE("}"));
}

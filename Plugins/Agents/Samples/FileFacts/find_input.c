/* SPDX-License-Identifier: Apache-2.0
 *
 * find_input.c: finds the one file in the agent's input. A whole JSON library would be more code than the agent.
 */
#include "file_facts.h"

#include <string.h>

/* Deeper input is refused, so that the stack stays bounded. */
#define DEPTH_MAX 64

typedef struct reader {
    const uint8_t *at;
    const uint8_t *end;
} reader;

static void skip_space(reader *json) {
    while (json->at < json->end && memchr(" \t\r\n", *json->at, 4) != NULL) json->at++;
}

static int take(reader *json, char wanted) {
    skip_space(json);
    if (json->at == json->end || *json->at != (uint8_t)wanted) return 0;
    json->at++;
    return 1;
}

/* Reads a text and gives what stands between its quotes. */
static int read_text(reader *json, file_facts_text *text) {
    if (!take(json, '"')) return 0;
    text->data = json->at;
    for (; json->at < json->end; json->at++) {
        if (*json->at == '"') {
            text->size = (size_t)(json->at - text->data);
            json->at++;
            return 1;
        }
        if (*json->at == '\\' && json->at + 1 < json->end) json->at++;
    }
    return 0;
}

static int is_text(const file_facts_text *text, const char *word) {
    return text->size == strlen(word) && memcmp(text->data, word, text->size) == 0;
}

static int skip_value(reader *json, int depth);

static int skip_list(reader *json, char close, int has_names, int depth) {
    file_facts_text name;
    if (depth >= DEPTH_MAX) return 0;
    if (take(json, close)) return 1;
    do {
        if (has_names && !(read_text(json, &name) && take(json, ':'))) return 0;
        if (!skip_value(json, depth + 1)) return 0;
    } while (take(json, ','));
    return take(json, close);
}

/* Numbers and words are runs of characters here: the host has checked that the input is JSON. */
static int skip_value(reader *json, int depth) {
    file_facts_text text;
    skip_space(json);
    if (json->at == json->end) return 0;
    if (*json->at == '"') return read_text(json, &text);
    if (take(json, '{')) return skip_list(json, '}', 1, depth);
    if (take(json, '[')) return skip_list(json, ']', 0, depth);
    const uint8_t *start = json->at;
    while (json->at < json->end && memchr(" \t\r\n,]}", *json->at, 7) == NULL) json->at++;
    return json->at > start;
}

/* The members of the file's description. */
static int read_file(reader *json, file_facts_text *reference, file_facts_text *name) {
    file_facts_text member;
    if (!take(json, '{')) return 0;
    do {
        skip_space(json);
        if (!read_text(json, &member) || !take(json, ':')) return 0;
        skip_space(json);
        int is_wanted = json->at < json->end && *json->at == '"';
        if (is_wanted && is_text(&member, "$artifact")) {
            if (!read_text(json, reference)) return 0;
        } else if (is_wanted && is_text(&member, "name")) {
            if (!read_text(json, name)) return 0;
        } else if (!skip_value(json, 1)) {
            return 0;
        }
    } while (take(json, ','));
    return take(json, '}');
}

int file_facts_find_input(const uint8_t *bytes, size_t size, file_facts_text *reference, file_facts_text *name) {
    reader json = {bytes, bytes + size};
    file_facts_text member;
    *reference = (file_facts_text){NULL, 0};
    *name = (file_facts_text){NULL, 0};
    if (!take(&json, '{')) return 0;
    do {
        if (!read_text(&json, &member) || !take(&json, ':')) return 0;
        if (is_text(&member, "file")) {
            if (!read_file(&json, reference, name)) return 0;
        } else if (!skip_value(&json, 0)) {
            return 0;
        }
    } while (take(&json, ','));
    return take(&json, '}') && reference->size > 0;
}

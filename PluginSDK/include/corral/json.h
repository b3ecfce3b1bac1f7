/* SPDX-License-Identifier: Apache-2.0
 *
 * json.h: as much JSON as a plugin in C needs and no more: members of a request by name, and a buffer to write an answer
 * in. Not part of corral.h: include it where you need it. Nothing here recurses, and nothing reads behind a slice's end,
 * whatever is in it.
 *
 * The host has checked that a request's body is one JSON value. Values are slices of it, as they stand there: texts with
 * their quotes. A value that is not there is a slice of size 0.
 */
#ifndef CORRAL_JSON_H
#define CORRAL_JSON_H

#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline corral_slice corral_json_slice(const void *data, size_t size) {
    corral_slice slice;
    slice.data = (const uint8_t *)data;
    slice.size = size;
    return slice;
}

/* Where the next value or sign is. */
static inline size_t corral_json_skip_space(corral_slice in, size_t at) {
    while (at < in.size && (in.data[at] == ' ' || in.data[at] == '\t' || in.data[at] == '\n' || in.data[at] == '\r')) at++;
    return at;
}

/* Behind the text whose first quote is at `at`. */
static inline size_t corral_json_skip_text(corral_slice in, size_t at) {
    for (at++; at < in.size && in.data[at] != '"'; at++)
        if (in.data[at] == '\\') at++;
    return at < in.size ? at + 1 : in.size;
}

/* Behind the value that begins at `at`. */
static inline size_t corral_json_skip(corral_slice in, size_t at) {
    size_t depth = 0;
    while (at < in.size) {
        uint8_t byte = in.data[at];
        if (byte == '"') {
            at = corral_json_skip_text(in, at);
        } else if (byte == '{' || byte == '[') {
            depth++, at++;
            continue;
        } else if (byte == '}' || byte == ']') {
            if (depth == 0) return at;
            depth--, at++;
        } else if (depth > 0) {
            at++;
            continue;
        } else {
            while (at < in.size && memchr(",]} \t\n\r", in.data[at], 7) == NULL) at++;
        }
        if (depth == 0) return at;
    }
    return in.size;
}

/* The next element of a list, or of an object (then *name is its quoted name). Begin with *at = 0.
 * Returns 1 while there is one. */
static inline int corral_json_next(corral_slice in, size_t *at, corral_slice *name, corral_slice *value) {
    size_t place = corral_json_skip_space(in, *at);
    if (*at == 0) {
        if (place >= in.size || (in.data[place] != '{' && in.data[place] != '[')) return 0;
        place = corral_json_skip_space(in, place + 1);
    } else if (place < in.size && in.data[place] == ',') {
        place = corral_json_skip_space(in, place + 1);
    }
    if (place >= in.size || in.data[place] == '}' || in.data[place] == ']') return 0;
    if (name != NULL) {
        if (in.data[place] != '"') return 0;
        size_t end = corral_json_skip_text(in, place);
        *name = corral_json_slice(in.data + place, end - place);
        place = corral_json_skip_space(in, end);
        if (place >= in.size || in.data[place] != ':') return 0;
        place = corral_json_skip_space(in, place + 1);
    }
    size_t end = corral_json_skip(in, place);
    if (end == place) return 0;
    *value = corral_json_slice(in.data + place, end - place);
    *at = end;
    return 1;
}

/* A member of an object by its name, which is plain ASCII. */
static inline corral_slice corral_json_member(corral_slice object, const char *wanted) {
    size_t at = 0, length = strlen(wanted);
    corral_slice name, value;
    while (corral_json_next(object, &at, &name, &value))
        if (name.size == length + 2 && memcmp(name.data + 1, wanted, length) == 0) return value;
    return corral_json_slice(NULL, 0);
}

static inline int64_t corral_json_integer(corral_slice value, int64_t otherwise) {
    char digits[32] = {0};
    if (value.size == 0 || value.size >= sizeof digits || value.data[0] == '"') return otherwise;
    memcpy(digits, value.data, value.size);
    char *end = digits;
    long long number = strtoll(digits, &end, 10);
    return end == digits ? otherwise : (int64_t)number;
}

static inline uint32_t corral_json_hex(const uint8_t *digits) {
    uint32_t number = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t digit = digits[i];
        number = number << 4 | (uint32_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return number;
}

static inline char *corral_json_put_scalar(char *out, uint32_t scalar) {
    if (scalar < 0x80) {
        *out++ = (char)scalar;
    } else if (scalar < 0x800) {
        *out++ = (char)(0xC0 | scalar >> 6), *out++ = (char)(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *out++ = (char)(0xE0 | scalar >> 12), *out++ = (char)(0x80 | (scalar >> 6 & 0x3F));
        *out++ = (char)(0x80 | (scalar & 0x3F));
    } else {
        *out++ = (char)(0xF0 | (scalar >> 18 & 7)), *out++ = (char)(0x80 | (scalar >> 12 & 0x3F));
        *out++ = (char)(0x80 | (scalar >> 6 & 0x3F)), *out++ = (char)(0x80 | (scalar & 0x3F));
    }
    return out;
}

/* A text without quotes and escapes, NUL-terminated; NULL when the value is no text. `size` may be NULL. Free it. */
static inline char *corral_json_text(corral_slice value, size_t *size) {
    if (value.size < 2 || value.data[0] != '"') return NULL;
    char *text = (char *)malloc(value.size), *out = text;
    if (text == NULL) return NULL;
    for (size_t i = 1; i + 1 < value.size; i++) {
        if (value.data[i] != '\\' || i + 2 >= value.size) {
            *out++ = (char)value.data[i];
            continue;
        }
        uint8_t sign = value.data[++i];
        uint32_t scalar = sign == 'n' ? '\n' : sign == 't' ? '\t' : sign == 'r' ? '\r' : sign == 'b' ? '\b'
                        : sign == 'f' ? '\f' : sign;
        if (sign == 'u' && i + 5 < value.size) {
            scalar = corral_json_hex(value.data + i + 1);
            i += 4;
            if (scalar >= 0xD800 && scalar < 0xDC00 && i + 7 < value.size && value.data[i + 1] == '\\') {
                scalar = 0x10000 + ((scalar - 0xD800) << 10) + ((corral_json_hex(value.data + i + 3) - 0xDC00) & 0x3FF);
                i += 6;
            }
        }
        out = corral_json_put_scalar(out, scalar);
    }
    *out = 0;
    if (size != NULL) *size = (size_t)(out - text);
    return text;
}

/* Bytes that grow. Begin with {0}; free with corral_buffer_free. Out of memory is remembered in `failed`. */
typedef struct corral_buffer {
    char *bytes;
    size_t size;
    size_t capacity;
    int failed;
} corral_buffer;

static inline void corral_buffer_add(corral_buffer *buffer, const void *bytes, size_t size) {
    if (buffer->failed || size == 0) return;
    if (size > SIZE_MAX / 4) {
        buffer->failed = 1;
        return;
    }
    if (buffer->size + size + 1 > buffer->capacity) {
        size_t capacity = 2 * (buffer->size + size) + 64;
        char *grown = (char *)realloc(buffer->bytes, capacity);
        if (grown == NULL) {
            buffer->failed = 1;
            return;
        }
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = 0;
}

/* JSON as it stands here. */
static inline void corral_buffer_raw(corral_buffer *buffer, const char *json) {
    corral_buffer_add(buffer, json, strlen(json));
}

static inline void corral_buffer_integer(corral_buffer *buffer, int64_t number) {
    char digits[32];
    corral_buffer_add(buffer, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)number));
}

/* UTF-8 as a JSON text, with quotes and what must be escaped. */
static inline void corral_buffer_text(corral_buffer *buffer, const char *text, size_t size) {
    corral_buffer_raw(buffer, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\') corral_buffer_raw(buffer, "\\");
        if (byte < 0x20) {
            char escape[8];
            corral_buffer_add(buffer, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", byte));
        } else {
            corral_buffer_add(buffer, text + i, 1);
        }
    }
    corral_buffer_raw(buffer, "\"");
}

static inline corral_slice corral_buffer_slice(const corral_buffer *buffer) {
    return corral_json_slice(buffer->bytes, buffer->size);
}

static inline void corral_buffer_free(corral_buffer *buffer) { free(buffer->bytes); }

#endif

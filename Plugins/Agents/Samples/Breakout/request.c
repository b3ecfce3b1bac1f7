/* SPDX-License-Identifier: Apache-2.0
 *
 * request.c: the little JSON that goes in and out. What comes in was parsed by the host already, so that only the members
 * that are known have to be found; what goes out is escaped here.
 */
#define _GNU_SOURCE
#include "attempts.h"

typedef struct cursor {
    const uint8_t *at, *end;
} cursor;

static void skip_spaces(cursor *cursor) {
    while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at) != NULL && *cursor->at != 0) cursor->at++;
}

/* From behind an opening quote to behind the closing one. Escapes but \" \\ and \/ are left as they stand: paths of the
 * harness have none. */
static size_t read_text(cursor *cursor, char *text, size_t size) {
    size_t length = 0;
    while (cursor->at < cursor->end && *cursor->at != '"') {
        if (*cursor->at == '\\' && cursor->at + 1 < cursor->end) cursor->at++;
        if (size > 0 && length + 1 < size) text[length++] = (char)*cursor->at;
        cursor->at++;
    }
    if (cursor->at < cursor->end) cursor->at++;
    if (size > 0) text[length] = 0;
    return length;
}

typedef struct member {
    const char *name;
    char *text;
    size_t size;
    uint64_t *number;
} member;

static void read_value(cursor *cursor, const member *member) {
    skip_spaces(cursor);
    if (cursor->at == cursor->end) return;
    if (*cursor->at == '"') {
        cursor->at++;
        read_text(cursor, member->text, member->text == NULL ? 0 : member->size);
    } else if (member->number != NULL) {
        uint64_t value = 0;
        while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9')
            value = value * 10 + (uint64_t)(*cursor->at++ - '0');
        *member->number = value;
    }
}

/* Every text in front of a colon is a name, wherever it stands: the two objects have no name in common. */
static void read_members(cursor cursor, const member *members, size_t count) {
    while (cursor.at < cursor.end) {
        if (*cursor.at++ != '"') continue;
        char name[32];
        read_text(&cursor, name, sizeof name);
        skip_spaces(&cursor);
        if (cursor.at == cursor.end || *cursor.at != ':') continue;
        cursor.at++;
        for (size_t i = 0; i < count; i++)
            if (strcmp(members[i].name, name) == 0) read_value(&cursor, &members[i]);
    }
}

#define TEXT(name) {#name, targets->name, sizeof targets->name, NULL}
#define NUMBER(name) {#name, NULL, 0, &name}

int breakout_read_request(
    const uint8_t *json, size_t size, char *attempt, size_t attempt_size, breakout_targets *targets) {
    uint64_t host_pid = 0, neighbour_pid = 0, tcp_port = 0, udp_port = 0;
    uint64_t memory_bytes = 0, file_bytes = 0, threads = 0, open_files = 0;
    const member members[] = {
        {"attempt", attempt, attempt_size, NULL},
        TEXT(secret), TEXT(folder), TEXT(neighbour), TEXT(home), TEXT(shared), TEXT(socket), TEXT(abstract),
        TEXT(scratch), TEXT(token), NUMBER(host_pid), NUMBER(neighbour_pid), NUMBER(tcp_port), NUMBER(udp_port),
        NUMBER(memory_bytes), NUMBER(file_bytes), NUMBER(threads), NUMBER(open_files),
    };
    memset(targets, 0, sizeof *targets);
    attempt[0] = 0;
    read_members((cursor){json, json + size}, members, COUNT_OF(members));
    targets->host_pid = (int32_t)host_pid;
    targets->neighbour_pid = (int32_t)neighbour_pid;
    targets->tcp_port = (uint16_t)tcp_port;
    targets->udp_port = (uint16_t)udp_port;
    targets->memory_bytes = memory_bytes;
    targets->file_bytes = file_bytes;
    targets->threads = (uint32_t)threads;
    targets->open_files = (uint32_t)open_files;
    return attempt[0] != 0;
}

size_t breakout_write_string(char *buffer, size_t size, const char *text) {
    size_t length = 0;
    if (size < 3) return 0;
    buffer[length++] = '"';
    for (; *text != 0 && length + 8 < size; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            buffer[length++] = '\\';
            buffer[length++] = (char)byte;
        } else if (byte < 0x20 || byte > 0x7e) {
            /* A byte beyond ASCII may be half of a character that was cut. */
            length += (size_t)snprintf(buffer + length, size - length, "\\u%04x", byte);
        } else {
            buffer[length++] = (char)byte;
        }
    }
    buffer[length++] = '"';
    if (length < size) buffer[length] = 0;
    return length;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * file_facts.c: one pass over the bytes that counts lines and endings and checks UTF-8.
 */
#include "file_facts.h"

#include <string.h>

void file_facts_begin(file_facts *facts) {
    memset(facts, 0, sizeof *facts);
}

static void end_line(file_facts *facts) {
    facts->lines++;
    if (!facts->line_has_ink) facts->blank_lines++;
    if (facts->line_bytes > facts->longest_line) facts->longest_line = facts->line_bytes;
    facts->line_bytes = 0;
    facts->line_has_ink = 0;
}

/* A CR is counted when it comes; an LF right after it makes it a CRLF. */
static void count_line_byte(file_facts *facts, uint8_t byte) {
    int follows_cr = facts->after_cr;
    facts->after_cr = byte == '\r';
    if (byte == '\n' && follows_cr) {
        facts->cr--;
        facts->crlf++;
    } else if (byte == '\n') {
        facts->lf++;
        end_line(facts);
    } else if (byte == '\r') {
        facts->cr++;
        end_line(facts);
    } else {
        facts->line_bytes++;
        if (byte != ' ' && byte != '\t') facts->line_has_ink = 1;
    }
}

/* RFC 3629 section 4: no overlong forms, no surrogates, nothing past U+10FFFF. */
static void begin_utf8_sequence(file_facts *facts, uint8_t byte) {
    facts->utf8_low = 0x80;
    facts->utf8_high = 0xBF;
    if (byte < 0x80) return;
    if (byte >= 0xC2 && byte <= 0xDF) {
        facts->utf8_expected = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
        facts->utf8_expected = 2;
        if (byte == 0xE0) facts->utf8_low = 0xA0;
        if (byte == 0xED) facts->utf8_high = 0x9F;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
        facts->utf8_expected = 3;
        if (byte == 0xF0) facts->utf8_low = 0x90;
        if (byte == 0xF4) facts->utf8_high = 0x8F;
    } else {
        facts->utf8_is_broken = 1;
    }
}

static void check_utf8_byte(file_facts *facts, uint8_t byte) {
    if (facts->utf8_expected == 0) {
        begin_utf8_sequence(facts, byte);
        return;
    }
    if (byte < facts->utf8_low || byte > facts->utf8_high) facts->utf8_is_broken = 1;
    facts->utf8_expected--;
    facts->utf8_low = 0x80;
    facts->utf8_high = 0xBF;
}

void file_facts_add(file_facts *facts, const uint8_t *bytes, size_t size) {
    for (size_t at = 0; at < size; at++) {
        uint8_t byte = bytes[at];
        if (facts->bytes < sizeof facts->head) facts->head[facts->bytes] = byte;
        facts->bytes++;
        if (byte >= 0x80) facts->high_bytes++;
        if (byte == 0) facts->nul_bytes++;
        check_utf8_byte(facts, byte);
        count_line_byte(facts, byte);
        /* A byte-order mark is no part of the first line. */
        if (facts->bytes == 3 && memcmp(facts->head, "\xEF\xBB\xBF", 3) == 0) {
            facts->line_bytes = 0;
            facts->line_has_ink = 0;
        }
    }
}

void file_facts_end(file_facts *facts) {
    if (facts->utf8_expected != 0) facts->utf8_is_broken = 1;
    if (facts->line_bytes > 0) end_line(facts);
}

static int starts_with(const file_facts *facts, const char *mark, size_t size) {
    return facts->bytes >= size && memcmp(facts->head, mark, size) == 0;
}

const char *file_facts_encoding(const file_facts *facts) {
    if (facts->bytes == 0) return "empty";
    if (starts_with(facts, "\xEF\xBB\xBF", 3) && !facts->utf8_is_broken) return "utf-8-bom";
    if (starts_with(facts, "\xFF\xFE\0\0", 4)) return "utf-32le";
    if (starts_with(facts, "\0\0\xFE\xFF", 4)) return "utf-32be";
    if (starts_with(facts, "\xFF\xFE", 2)) return "utf-16le";
    if (starts_with(facts, "\xFE\xFF", 2)) return "utf-16be";
    if (facts->nul_bytes > 0) return "binary";
    if (facts->high_bytes == 0) return "ascii";
    return facts->utf8_is_broken ? "unknown-8bit" : "utf-8";
}

int file_facts_has_lines(const file_facts *facts) {
    const char *encoding = file_facts_encoding(facts);
    int is_wide = strncmp(encoding, "utf-16", 6) == 0 || strncmp(encoding, "utf-32", 6) == 0;
    return !is_wide && strcmp(encoding, "binary") != 0;
}

const char *file_facts_endings(const file_facts *facts) {
    int kinds = (facts->lf > 0) + (facts->crlf > 0) + (facts->cr > 0);
    if (kinds == 0) return "none";
    if (kinds > 1) return "mixed";
    return facts->lf > 0 ? "lf" : facts->crlf > 0 ? "crlf" : "cr";
}

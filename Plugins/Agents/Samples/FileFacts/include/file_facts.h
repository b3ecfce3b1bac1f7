/* SPDX-License-Identifier: Apache-2.0
 *
 * file_facts.h: what can be said about a file from its bytes alone: size, lines, line endings, encoding.
 *
 * Fed in pieces of any size, so that the caller can stop between two pieces; the pieces' borders change nothing.
 */
#ifndef FILE_FACTS_H
#define FILE_FACTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct file_facts {
    uint64_t bytes;
    /* A line ends with LF, CRLF or CR, or with the file when something follows the last ending. */
    uint64_t lines;
    /* Lines of nothing but spaces and tabs. */
    uint64_t blank_lines;
    /* In bytes, without the ending and without a byte-order mark. */
    uint64_t longest_line;
    uint64_t lf;
    uint64_t crlf;
    uint64_t cr;

    /* What follows is between two pieces only. */
    uint64_t line_bytes;
    uint64_t high_bytes;
    uint64_t nul_bytes;
    uint8_t head[4];
    uint8_t line_has_ink;
    uint8_t after_cr;
    uint8_t utf8_is_broken;
    /* Continuation bytes still to come, and the range the next one must be in (RFC 3629 section 4). */
    uint8_t utf8_expected;
    uint8_t utf8_low;
    uint8_t utf8_high;
} file_facts;

/* A slice of the caller's bytes. */
typedef struct file_facts_text {
    const uint8_t *_Nullable data;
    size_t size;
} file_facts_text;

void file_facts_begin(file_facts *_Nonnull facts);
void file_facts_add(file_facts *_Nonnull facts, const uint8_t *_Nullable bytes, size_t size);
void file_facts_end(file_facts *_Nonnull facts);

/* "empty", "ascii", "utf-8", "utf-8-bom", "utf-16le", "utf-16be", "utf-32le", "utf-32be", "binary" (has NUL bytes) or
 * "unknown-8bit". After file_facts_end. */
const char *_Nonnull file_facts_encoding(const file_facts *_Nonnull facts);

/* 1 when bytes and lines mean what they say: in an encoding of single bytes or UTF-8. After file_facts_end. */
int file_facts_has_lines(const file_facts *_Nonnull facts);

/* "none", "lf", "crlf", "cr" or "mixed". After file_facts_end. */
const char *_Nonnull file_facts_endings(const file_facts *_Nonnull facts);

/* Finds {"file": {"$artifact": reference, "name": name}} in a JSON object of any other members. The texts are as they
 * stand in the JSON, with their escapes and without quotes; a name that is absent has size 0. Returns 0 when the JSON
 * is malformed or has no such file. */
int file_facts_find_input(
    const uint8_t *_Nullable json, size_t size, file_facts_text *_Nonnull reference, file_facts_text *_Nonnull name);

#endif

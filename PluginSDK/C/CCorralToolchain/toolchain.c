/* SPDX-License-Identifier: Apache-2.0
 *
 * toolchain.c: the note and the function that tell which Swift toolchain built the binary they are linked into. It is
 * compiled by the toolchain's own clang, so the compiler's version text names the toolchain's commit.
 */
#include "CCorralToolchain.h"

#include <stdint.h>

#define CORRAL_TEXT_OF(token) #token
#define CORRAL_EXPANDED_TEXT_OF(token) CORRAL_TEXT_OF(token)
#define CORRAL_TOOLCHAIN "swift-" CORRAL_EXPANDED_TEXT_OF(CORRAL_SWIFT_VERSION) " " __VERSION__

/* elf(5), "Notes": three 4-byte words, then name and content, each padded to 4 bytes. Allocated notes belong to no
 * function, so neither --gc-sections nor -s removes them; `retain` says so to linkers that would. */
struct corral_toolchain_note {
    uint32_t name_size;
    uint32_t content_size;
    uint32_t type;
    char name[(sizeof(CORRAL_NOTE_NAME) + 3) / 4 * 4];
    char content[(sizeof(CORRAL_TOOLCHAIN) + 3) / 4 * 4];
};

__attribute__((section(CORRAL_NOTE_SECTION), used, retain, aligned(4)))
static const struct corral_toolchain_note note = {
    .name_size = sizeof(CORRAL_NOTE_NAME),
    .content_size = sizeof(CORRAL_TOOLCHAIN) - 1,
    .type = CORRAL_NOTE_TOOLCHAIN,
    .name = CORRAL_NOTE_NAME,
    .content = CORRAL_TOOLCHAIN,
};

const char *corral_toolchain(void) {
    return note.content;
}

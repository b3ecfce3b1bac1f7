/* SPDX-License-Identifier: Apache-2.0
 *
 * CCorralToolchain.h: the identity of the Swift toolchain that built this binary.
 *
 * Swift has no stable ABI on Linux: a plugin and the worker's runtime must come from one toolchain, and a mismatch may
 * crash while loading, before any code could complain. So the identity is also an ELF note in every binary that links
 * this: section ".note.corral", name "Corral", type 1, the text as its content. The host reads it from the file.
 * Plugins in C or Rust do not link this and have no note: they depend on no runtime of ours.
 */
#ifndef CORRAL_TOOLCHAIN_H
#define CORRAL_TOOLCHAIN_H

#define CORRAL_NOTE_SECTION ".note.corral"
#define CORRAL_NOTE_NAME "Corral"
#define CORRAL_NOTE_TOOLCHAIN 1u

#ifdef __cplusplus
extern "C" {
#endif

/* For example "swift-6.3.1 Clang 21.0.0 (https://github.com/swiftlang/llvm-project.git 11673e66...)": the release as
 * people know it, then the compiler's own identity, which is exact. NUL-terminated, static, the same text as the note.
 * [any] */
#if defined(__clang__)
const char *_Nonnull corral_toolchain(void);
#else
const char *corral_toolchain(void);
#endif

#ifdef __cplusplus
}
#endif

#endif

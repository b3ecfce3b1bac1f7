/* SPDX-License-Identifier: Apache-2.0
 *
 * native.h: the kind "native", plain C functions with typed signatures that the worker calls through libffi with JSON
 * arguments. A library that does not know Corral gets the same from a file plugins.d/<name>.tools.yaml. DRAFT.
 *
 * Signatures: "(x: f64, y: f64) -> f64"; names may be left out.
 *   numbers   f64 f32 i8 i16 i32 i64 u8 u16 u32 u64 bool
 *   text      str     const char *, NUL-terminated UTF-8, valid during the call
 *   bytes     bytes   two C parameters: const uint8_t *, size_t; base64 text in JSON
 *   arrays    f64[] f32[] i32[] i64[] u8[] ...: two C parameters: const T *, size_t
 *   out       out:T   a T * the function writes; out:T[n] a T * to room for n elements, n a number or the name of an
 *             integer parameter
 *   result    void, a number, str (borrowed, copied at once), str!free (released with corral_native.free_result or the
 *             tools.yaml's `free` symbol), status (i32: 0 is success, anything else a failed call)
 * The JSON result is the value itself, or with out parameters an object {"result": ..., "<name>": ...}.
 */
#ifndef CORRAL_EXT_NATIVE_H
#define CORRAL_EXT_NATIVE_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_NATIVE "corral.native/1"

/* Any C function; the signature says what it really is. */
typedef void (*corral_native_address)(void);

typedef struct corral_native_function {
    /* Also the distance to the next element of the array. */
    uint32_t struct_size;
    uint32_t reserved;
    /* The tool's name, [a-z][a-z0-9_]{0,63}. */
    const char *CORRAL_NONNULL name;
    const char *CORRAL_NONNULL signature;
    /* One line of help. */
    const char *CORRAL_NONNULL summary;
    /* Called with the signature's C types. [call] */
    corral_native_address CORRAL_NONNULL address;
} corral_native_function;

typedef struct corral_native {
    uint32_t struct_size;
    uint32_t count;
    /* `count` elements, static. */
    const corral_native_function *CORRAL_NULLABLE functions;
    /* Releases a str!free result; NULL when no function has one. [call] */
    void (*CORRAL_NULLABLE free_result)(void *CORRAL_NONNULL result);
} corral_native;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

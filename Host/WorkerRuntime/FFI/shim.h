/* SPDX-License-Identifier: Apache-2.0
 *
 * shim.h: libffi for Swift. Its type descriptions are global variables, which Swift cannot know to be constant; these
 * accessors say so.
 */
#ifndef CORRAL_FFI_SHIM_H
#define CORRAL_FFI_SHIM_H

#include <ffi.h>

static inline ffi_abi corral_ffi_abi(void) { return FFI_DEFAULT_ABI; }
static inline ffi_type *corral_ffi_void(void) { return &ffi_type_void; }
static inline ffi_type *corral_ffi_pointer(void) { return &ffi_type_pointer; }
static inline ffi_type *corral_ffi_f64(void) { return &ffi_type_double; }
static inline ffi_type *corral_ffi_f32(void) { return &ffi_type_float; }
static inline ffi_type *corral_ffi_i8(void) { return &ffi_type_sint8; }
static inline ffi_type *corral_ffi_i16(void) { return &ffi_type_sint16; }
static inline ffi_type *corral_ffi_i32(void) { return &ffi_type_sint32; }
static inline ffi_type *corral_ffi_i64(void) { return &ffi_type_sint64; }
static inline ffi_type *corral_ffi_u8(void) { return &ffi_type_uint8; }
static inline ffi_type *corral_ffi_u16(void) { return &ffi_type_uint16; }
static inline ffi_type *corral_ffi_u32(void) { return &ffi_type_uint32; }
static inline ffi_type *corral_ffi_u64(void) { return &ffi_type_uint64; }

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * version.h: the ABI's version, its few basic types and its status codes. Includes nothing but C11 headers.
 *
 * Rules that hold in every header of this folder
 *
 * Versions    Each vtable is named by an id, "corral.<kind>/<revision>"; third parties use a reverse URI of their own.
 *             Within a revision members are only appended. `struct_size` comes first in every struct that crosses: the
 *             reader uses a member only if it lies wholly inside the writer's size. A change of meaning is a new id.
 *             Everything is a draft until revision 1 is declared frozen; headers under ext/draft/ promise nothing yet.
 * Memory      The caller owns what it passes. Each function says how long a pointer lives. Results are pushed to the
 *             host, which copies them: no allocator crosses the line and nothing returned must be freed.
 * Text        UTF-8 slices, not NUL-terminated. Ids are NUL-terminated ASCII. A slice of size 0 may have a NULL
 * pointer. Types       Fixed-width integers, double, size_t and pointers only: no enum, bool, long, bit field or packed
 * struct. Threads     Each function carries one tag:
 *             [loader]  the worker's loading thread; never two at once for one plugin
 *             [call]    any worker thread; many at once unless the manifest says "serial": true
 *             [notify]  any worker thread, with no lock held; must return soon and must not wait
 *             [any]     any thread, also the plugin's own
 * Unwinding   No C++ exception, Rust panic or longjmp may cross. The worker process ends where one does.
 */
#ifndef CORRAL_VERSION_H
#define CORRAL_VERSION_H

#include <stddef.h>
#include <stdint.h>

/* A plugin loads when its major number equals the host's. The minor number informs people only. 0 = draft. */
#define CORRAL_ABI_MAJOR 0
#define CORRAL_ABI_MINOR 1

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#define CORRAL_NONNULL _Nonnull
#define CORRAL_NULLABLE _Nullable
#else
#define CORRAL_NONNULL
#define CORRAL_NULLABLE
#endif

#ifdef __cplusplus
#define CORRAL_EXTERN_C extern "C"
extern "C" {
#else
#define CORRAL_EXTERN_C
#endif

/* A run of bytes that somebody else owns. */
typedef struct corral_slice {
    const uint8_t *CORRAL_NULLABLE data;
    size_t size;
} corral_slice;

/* One call, from its start to its completion: a table index and a generation in 64 bits. It is never reused: a handle
 * of a call that is over is stale, and every function given it answers CORRAL_GONE. */
typedef uint64_t corral_call;

/* No call: accepted by corral_host.log only. */
#define CORRAL_NO_CALL ((corral_call)0)

/* What a function says about itself. Unknown negative values mean CORRAL_FAILED; unknown positive ones CORRAL_OK. */
typedef int32_t corral_status;

#define CORRAL_OK ((corral_status)0)
/* The call is not over: corral_host.complete will be called for it, from any thread. */
#define CORRAL_PENDING ((corral_status)1)
#define CORRAL_CANCELLED ((corral_status)-1)
#define CORRAL_INVALID ((corral_status)-2)
#define CORRAL_FAILED ((corral_status)-3)
/* Not now; the same call may succeed later. */
#define CORRAL_UNAVAILABLE ((corral_status)-4)
#define CORRAL_DENIED ((corral_status)-5)
#define CORRAL_UNSUPPORTED ((corral_status)-6)
/* A limit was reached: payload size, credit, number of artifacts. */
#define CORRAL_LIMIT ((corral_status)-7)
#define CORRAL_TIMEOUT ((corral_status)-8)
/* The handle is stale: the call is over. Counted, otherwise harmless. */
#define CORRAL_GONE ((corral_status)-9)

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif

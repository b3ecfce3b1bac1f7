/* SPDX-License-Identifier: Apache-2.0
 *
 * abi.c: what the headers take for granted about the machine, checked where they are compiled. A header-only target
 * would be checked nowhere.
 */
#include <corral/corral.h>

_Static_assert(sizeof(void *) == 8, "the ABI is laid out for 64-bit machines");
_Static_assert(sizeof(size_t) == 8, "sizes are 64 bits wide");
_Static_assert(sizeof(corral_slice) == 16, "a slice is a pointer and a size");
_Static_assert(offsetof(corral_host, struct_size) == 0, "struct_size comes first");
_Static_assert(offsetof(corral_plugin, struct_size) == 0, "struct_size comes first");
_Static_assert(offsetof(corral_request, struct_size) == 0, "struct_size comes first");

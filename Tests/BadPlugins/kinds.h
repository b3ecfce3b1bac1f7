/* SPDX-License-Identifier: Apache-2.0
 *
 * kinds.h: makes a bad plugin of an SDK template: the template's own entry point under another name, and a host whose
 * push_result a file may replace to spoil what an honest plugin answers.
 */
#ifndef BAD_KINDS_H
#define BAD_KINDS_H

#include <corral/corral.h>
#include <corral/json.h>

/* The template that follows defines it; nobody finds it from outside. */
const corral_plugin *honest_entry(const corral_host *given) __attribute__((visibility("hidden")));
#define corral_plugin_entry honest_entry
#define SPOILED_ENTRY \
    const corral_plugin *corral_plugin_entry(const corral_host *given) { \
        if (given->struct_size < sizeof *given) return NULL; \
        real = given; \
        spoiled = *given; \
        spoiled.struct_size = sizeof spoiled; \
        spoil(); \
        return honest_entry(&spoiled); \
    }

static const corral_host *real;
static corral_host spoiled;

/* A copy of the request with a member's name changed to one of the same length, which is to say: without it. */
static inline corral_request without(const corral_request *request, const char *name, const char *other) {
    corral_request changed = *request;
    uint8_t *bytes = malloc(request->body.size + 1);
    if (bytes == NULL) return changed;
    memcpy(bytes, request->body.data, request->body.size);
    size_t length = strlen(name);
    for (size_t i = 0; i + length <= request->body.size; i++)
        if (memcmp(bytes + i, name, length) == 0) memcpy(bytes + i, other, length);
    changed.body.data = bytes;
    return changed;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin.h: what the plugins of this folder share: a whole, honest plugin around one function, so that each file holds
 * nothing but what is bad about it.
 */
#ifndef BAD_PLUGIN_H
#define BAD_PLUGIN_H

#include <corral/corral.h>
#include <stdio.h>
#include <string.h>

#define SLICE(text) ((corral_slice){(const uint8_t *)(text), strlen(text)})

#define MANIFEST(name, provides) \
    "{\"id\":\"test/" name "\",\"version\":\"1.0.0\",\"summary\":\"A plugin of the test suite\"," \
    "\"provides\":[" provides "]}"

#define AGENT_MANIFEST(name) \
    "{\"id\":\"test/" name "\",\"version\":\"1.0.0\",\"summary\":\"A plugin of the test suite\"," \
    "\"provides\":[\"corral.agent/1\"],\"agent\":{\"role\":\"Behaves badly\",\"input\":{}}}"

/* Defines the entry point of an agent: its manifest, `host`, and a vtable around run_agent, which the file defines. */
#define AGENT_PLUGIN(name) \
    static corral_status run_agent(corral_call call, const corral_request *request); \
    static const corral_host *host; \
    static corral_status run_any(void *instance, corral_call call, const corral_request *request) { \
        (void)instance; \
        return run_agent(call, request); \
    } \
    static const corral_agent agent = {sizeof agent, 0, run_any}; \
    static const void *extension(void *instance, const char *id) { \
        (void)instance; \
        return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL; \
    } \
    static const char manifest[] = AGENT_MANIFEST(name); \
    static const corral_plugin plugin = { \
        sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1}, \
        NULL, NULL, NULL, extension}; \
    const corral_plugin *corral_plugin_entry(const corral_host *given) { \
        host = given; \
        return &plugin; \
    }

#endif

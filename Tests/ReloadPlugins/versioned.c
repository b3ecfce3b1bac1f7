/* SPDX-License-Identifier: Apache-2.0
 *
 * versioned.c: an agent that answers with the version it was built as, after as many milliseconds as {"ms": n} says.
 * -DVERSION=\"2\"; -DSLOW_START_MS=n makes its activation take a while; -DREFUSES makes it refuse; -DID=\"name\".
 */
#include "../BadPlugins/plugin.h"
#include <stdlib.h>
#include <time.h>

#ifndef ID
#define ID "versioned"
#endif
#ifndef SLOW_START_MS
#define SLOW_START_MS 0
#endif

static const corral_host *host;

static void wait_ms(long ms) {
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static corral_status run_agent(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    const char *ms = memmem(request->body.data, request->body.size, "\"ms\":", 5);
    if (ms) wait_ms(atol(ms + 5));
    return host->push_result(call, SLICE("\"" VERSION "\""));
}

static corral_status activate(void *instance, corral_slice configuration) {
    (void)instance;
    (void)configuration;
    wait_ms(SLOW_START_MS);
#ifdef REFUSES
    host->log(CORRAL_NO_CALL, CORRAL_LOG_ERROR, SLICE("version " VERSION " does not want to"));
    return CORRAL_FAILED;
#else
    return CORRAL_OK;
#endif
}

static const corral_agent agent = {sizeof agent, 0, run_agent};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] = AGENT_MANIFEST(ID);
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, activate, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

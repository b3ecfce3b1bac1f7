/* SPDX-License-Identifier: Apache-2.0
 *
 * tools.c: two tools in C. They need the headers of the SDK and any C11 compiler. `make` builds statistics.so, which goes
 * into plugins.d/.
 */
#include <corral/corral.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const corral_host *host;

#define SERIES \
    "{\"type\":\"object\",\"properties\":{\"values\":{\"type\":\"array\",\"items\":{\"type\":\"number\"}}}," \
    "\"required\":[\"values\"]}"
#define NUMBER "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"number\"}},\"required\":[\"value\"]}"

/* The manifest is what the host knows about the plugin before it calls it. The same bytes every time. */
static const char manifest[] =
    "{\"id\":\"acme/statistics\",\"version\":\"1.0.0\",\"summary\":\"Figures of a series\","
    "\"provides\":[\"corral.tool/1\"],\"tools\":["
    "{\"name\":\"mean\",\"summary\":\"The average of a series\",\"input\":" SERIES ",\"output\":" NUMBER "},"
    "{\"name\":\"spread\",\"summary\":\"The largest value less the smallest\",\"input\":" SERIES ",\"output\":" NUMBER
    "}]}";

static corral_slice text(const char *words) {
    return (corral_slice){(const uint8_t *)words, strlen(words)};
}

/* Gives the reason and the status of a call that fails. The message reaches the user as written. */
static corral_status fail(corral_call call, corral_status status, const char *code, const char *message) {
    corral_error error = {.struct_size = sizeof error, .code = text(code), .message = text(message)};
    host->set_error(call, &error);
    return status;
}

typedef struct figures {
    size_t count;
    double sum, least, most;
} figures;

/* Reads the numbers of {"values":[...]}. Returns 0 when the text is something else. A plugin with richer input links a
 * JSON library of its choice. */
static int read_values(const corral_request *request, figures *figures) {
    char *copy = malloc(request->body.size + 1);
    if (copy == NULL) return 0;
    if (request->body.size > 0) memcpy(copy, request->body.data, request->body.size);
    copy[request->body.size] = '\0';
    int is_good = 0;
    char *place = strstr(copy, "\"values\"");
    place = place == NULL ? NULL : strchr(place + 8, '[');
    while (place != NULL) {
        place += 1 + strspn(place + 1, " \t\r\n");
        if (*place == ']' && figures->count == 0) is_good = 1;
        char *end;
        double value = strtod(place, &end);
        if (end == place || !isfinite(value)) break;
        if (figures->count == 0 || value < figures->least) figures->least = value;
        if (figures->count == 0 || value > figures->most) figures->most = value;
        figures->sum += value;
        figures->count += 1;
        place = end + strspn(end, " \t\r\n");
        if (*place == ']') is_good = 1;
        if (*place != ',') break;
    }
    free(copy);
    return is_good;
}

/* Called by any of the worker's threads, several at a time. `name` and `request` live until this returns. */
static corral_status call_tool(void *instance, corral_call call, corral_slice name, const corral_request *request) {
    (void)instance;
    figures figures = {0};
    if (!read_values(request, &figures)) return fail(call, CORRAL_INVALID, "no_values", "\"values\" must be numbers");
    if (figures.count == 0) return fail(call, CORRAL_INVALID, "empty", "the series is empty");
    int is_mean = name.size == 4 && memcmp(name.data, "mean", 4) == 0;
    char result[64];
    snprintf(
        result, sizeof result, "{\"value\":%.17g}",
        is_mean ? figures.sum / (double)figures.count : figures.most - figures.least);
    return host->push_result(call, text(result));
}

static const void *get_extension(void *instance, const char *id) {
    static const corral_tool tool = {.struct_size = sizeof tool, .call = call_tool};
    (void)instance;
    return strcmp(id, CORRAL_EXT_TOOL) == 0 ? &tool : NULL;
}

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    static const corral_plugin plugin = {
        .struct_size = sizeof plugin,
        .abi_major = CORRAL_ABI_MAJOR,
        .abi_minor = CORRAL_ABI_MINOR,
        .manifest = {(const uint8_t *)manifest, sizeof manifest - 1},
        .get_extension = get_extension,
    };
    if (given->abi_major != CORRAL_ABI_MAJOR || given->struct_size < sizeof *given) return NULL;
    host = given;
    return &plugin;
}

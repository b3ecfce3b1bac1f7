/* SPDX-License-Identifier: Apache-2.0
 *
 * natives.c: not bad: typed C functions of every shape native.h allows, described by the plugin itself; the same
 * symbols are exported, so that tests can describe them from outside as a tools file does.
 */
#include "plugin.h"
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))
#define ECHO(type, name) \
    EXPORT type name(type value); \
    type name(type value) { return value; }

ECHO(double, echo_f64)
ECHO(float, echo_f32)
ECHO(int8_t, echo_i8)
ECHO(int16_t, echo_i16)
ECHO(int32_t, echo_i32)
ECHO(int64_t, echo_i64)
ECHO(uint8_t, echo_u8)
ECHO(uint16_t, echo_u16)
ECHO(uint32_t, echo_u32)
ECHO(uint64_t, echo_u64)
ECHO(_Bool, echo_bool)

EXPORT double sum(const double *values, size_t count);
double sum(const double *values, size_t count) {
    double total = 0;
    for (size_t i = 0; i < count; i++) total += values[i];
    return total;
}

EXPORT int64_t sum_small(const int8_t *values, size_t count);
int64_t sum_small(const int8_t *values, size_t count) {
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) total += values[i];
    return total;
}

EXPORT size_t length(const char *text);
size_t length(const char *text) { return strlen(text); }

EXPORT const char *greeting(void);
const char *greeting(void) { return "grüß \"dich\""; }

EXPORT const char *nothing(void);
const char *nothing(void) { return NULL; }

EXPORT const char *latin(void);
const char *latin(void) { return "gr\xfc\xdf"; }

EXPORT char *repeated(const char *text, uint32_t times);
char *repeated(const char *text, uint32_t times) {
    char *copy = calloc(times, strlen(text) + 1);
    for (uint32_t i = 0; copy != NULL && i < times; i++) strcat(copy, text);
    return copy;
}

static int frees;

EXPORT void release(void *text);
void release(void *text) {
    frees++;
    free(text);
}

EXPORT int32_t freed(void);
int32_t freed(void) { return frees; }

EXPORT uint32_t checksum(const uint8_t *bytes, size_t count);
uint32_t checksum(const uint8_t *bytes, size_t count) {
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum = sum * 31 + bytes[i];
    return sum;
}

EXPORT int32_t divide(int32_t a, int32_t b, int32_t *quotient, int32_t *rest);
int32_t divide(int32_t a, int32_t b, int32_t *quotient, int32_t *rest) {
    if (b == 0) return 33;
    *quotient = a / b;
    *rest = a % b;
    return 0;
}

EXPORT void squares(uint32_t count, double *out);
void squares(uint32_t count, double *out) {
    for (uint32_t i = 0; i < count; i++) out[i] = (double)i * i;
}

EXPORT double mean_and_range(const double *values, size_t count, double *range);
double mean_and_range(const double *values, size_t count, double *range) {
    range[0] = values[0];
    range[1] = values[count - 1];
    return sum(values, count) / (double)count;
}

EXPORT double sixteen(
    double a, double b, double c, double d, double e, double f, double g, double h, double i, double j, double k,
    double l, double m, double n, double o, double p);
double sixteen(
    double a, double b, double c, double d, double e, double f, double g, double h, double i, double j, double k,
    double l, double m, double n, double o, double p) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l + 13 * m +
           14 * n + 15 * o + 16 * p;
}

#define FUNCTION(name, signature) \
    { sizeof(corral_native_function), 0, #name, signature, "A function of the test suite", (corral_native_address)name }

static const corral_native_function functions[] = {
    FUNCTION(sum, "(values: f64[]) -> f64"),
    FUNCTION(repeated, "(text: str, times: u32) -> str!free"),
    FUNCTION(freed, "() -> i32"),
    FUNCTION(divide, "(a: i32, b: i32, quotient: out:i32, rest: out:i32) -> status"),
};

static const corral_native native = {sizeof native, sizeof functions / sizeof functions[0], functions, release};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_NATIVE) == 0 ? &native : NULL;
}

static const char manifest[] = MANIFEST("natives", "\"corral.native/1\"");
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *host) {
    (void)host;
    return &plugin;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * keeper.c: an agent that keeps a table in its own folder with SQLite, in the journal mode that its input names, and says
 * what else it can reach from there. cc … keeper.c -lsqlite3
 */
#include "../BadPlugins/plugin.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef NAME
#define NAME "keeper"
#endif

static const corral_host *host;
static char folder[4096];

static corral_status fail(corral_call call, const char *what) {
    corral_error error = {sizeof error, 0, SLICE("failed"), SLICE(what), {NULL, 0}};
    host->set_error(call, &error);
    return CORRAL_FAILED;
}

static int count_of(void *result, int columns, char **values, char **names) {
    (void)names;
    if (columns > 0 && values[0] != NULL) *(int *)result = atoi(values[0]);
    return 0;
}

static int mode_of(void *result, int columns, char **values, char **names) {
    (void)names;
    if (columns > 0 && values[0] != NULL) snprintf(result, 16, "%s", values[0]);
    return 0;
}

/* Adds a row with everything that makes it lasting, and counts. */
static corral_status keep(corral_call call, const char *mode) {
    char path[4200], sql[128], text[512], found[16] = "";
    int count = 0;
    sqlite3 *database = NULL;
    char *reason = NULL;
    snprintf(path, sizeof path, "%s/rows-%s.db", folder, mode);
    if (sqlite3_open(path, &database) != SQLITE_OK) return fail(call, sqlite3_errmsg(database));
    snprintf(sql, sizeof sql, "PRAGMA journal_mode=%s", mode);
    if (sqlite3_exec(database, sql, mode_of, found, &reason) != SQLITE_OK ||
        sqlite3_exec(database,
                     "PRAGMA synchronous=FULL; PRAGMA mmap_size=1048576; CREATE TABLE IF NOT EXISTS rows (value TEXT);"
                     "BEGIN IMMEDIATE; INSERT INTO rows VALUES ('x'); COMMIT; VACUUM;"
                     "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text); INSERT INTO words VALUES ('a word');",
                     NULL, NULL, &reason) != SQLITE_OK ||
        sqlite3_exec(database, "SELECT count(*) FROM rows", count_of, &count, &reason) != SQLITE_OK) {
        corral_status status = fail(call, reason != NULL ? reason : "?");
        sqlite3_close(database);
        return status;
    }
    sqlite3_close(database);
    snprintf(text, sizeof text, "{\"count\":%d,\"mode\":\"%s\"}", count, found);
    return host->push_result(call, SLICE(text));
}

/* What a folder of one's own must not open: its parent, a neighbour, a program in it. */
static corral_status reach(corral_call call) {
    char path[4200], text[512];
    snprintf(path, sizeof path, "%s/../planted", folder);
    int parent = open(path, O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
    snprintf(path, sizeof path, "%s/../../../state.db", folder);
    int journal = open(path, O_RDONLY) < 0 ? errno : 0;
    snprintf(path, sizeof path, "%s/code", folder);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0700);
    if (file < 0 || ftruncate(file, 4096) != 0) return fail(call, "cannot write a file");
    int code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED ? errno : 0;
    close(file);
    snprintf(text, sizeof text, "{\"parent\":%d,\"journal\":%d,\"code\":%d}", parent, journal, code);
    return host->push_result(call, SLICE(text));
}

static int says(const corral_request *request, const char *word) {
    return memmem(request->body.data, request->body.size, word, strlen(word)) != NULL;
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    const corral_host_storage *storage = host->get_extension(CORRAL_EXT_HOST_STORAGE);
    if (storage == NULL) return fail(call, "no storage");
    corral_slice path = storage->folder();
    snprintf(folder, sizeof folder, "%.*s", (int)path.size, (const char *)path.data);
    if (says(request, "reach")) return reach(call);
    return keep(call, says(request, "wal") ? "wal" : "delete");
}

static const corral_agent agent = {sizeof agent, 0, run};

static const void *extension(void *instance, const char *id) {
    (void)instance;
    return strcmp(id, CORRAL_EXT_AGENT) == 0 ? &agent : NULL;
}

static const char manifest[] =
    "{\"id\":\"test/" NAME "\",\"version\":\"1.0.0\",\"summary\":\"Keeps rows\",\"provides\":[\"corral.agent/1\"],"
    "\"grants\":{\"storage\":true},\"agent\":{\"role\":\"Keeps rows\",\"input\":{}}}";
static const corral_plugin plugin = {
    sizeof plugin, CORRAL_ABI_MAJOR, CORRAL_ABI_MINOR, {(const uint8_t *)manifest, sizeof manifest - 1},
    NULL, NULL, NULL, extension};

const corral_plugin *corral_plugin_entry(const corral_host *given) {
    host = given;
    return &plugin;
}

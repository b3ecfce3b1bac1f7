/* SPDX-License-Identifier: Apache-2.0
 *
 * scratch.c: the one place the attempts write to. What a worker may write differs from level to level, so it is searched
 * for; each attempt's own things lie in one folder, which the harness removes with the sandbox or with itself.
 */
#define _GNU_SOURCE
#include "attempts.h"

static int makes_folder(char *path, size_t size, const char *parent) {
    if (parent == NULL || parent[0] != '/') return 0;
    snprintf(path, size, "%s/breakout-%d", parent, (int)getpid());
    return mkdir(path, 0700) == 0 || (errno == EEXIST && access(path, W_OK) == 0);
}

const char *scratch(void) {
    static char path[300];
    const char *const parents[] = {aim->scratch, getenv("TMPDIR"), getenv("HOME"), "/data", "/tmp", "/var/tmp", "/dev/shm"};
    if (path[0] != 0 && access(path, W_OK) == 0) return path;
    for (size_t i = 0; i < COUNT_OF(parents); i++)
        if (makes_folder(path, sizeof path, parents[i])) return path;
    path[0] = 0;
    return path;
}

const char *scratch_path(const char *name) {
    static char path[400];
    const char *folder = scratch();
    if (folder[0] == 0) return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

int scratch_file(const char *name, int mode) {
    const char *path = scratch_path(name);
    if (path == NULL) return -1;
    unlink(path);
    return open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
}

breakout_result nowhere_to_write(void) {
    return blocked("there is no folder to write to");
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * inherited.c: what a worker was given without anybody meaning to: descriptors, a working folder, an environment
 * (CVE-2024-21626 was a descriptor of a folder).
 */
#define _GNU_SOURCE
#include "attempts.h"

extern char **environ;

#define DESCRIPTORS_MAX 1024

static breakout_result folders(void) {
    for (int descriptor = 0; descriptor < DESCRIPTORS_MAX; descriptor++) {
        struct stat status;
        if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) return escaped("descriptor %d is a folder", descriptor);
    }
    return blocked("no descriptor is a folder");
}

static breakout_result writable_files(void) {
    for (int descriptor = 0; descriptor < DESCRIPTORS_MAX; descriptor++) {
        struct stat status;
        int flags = fcntl(descriptor, F_GETFL);
        if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(descriptor, &status) != 0) continue;
        if (S_ISREG(status.st_mode)) return escaped("descriptor %d is a file to write to", descriptor);
    }
    return blocked("no descriptor is a file to write to");
}

static breakout_result from_folder(void) {
    for (int descriptor = 3; descriptor < DESCRIPTORS_MAX; descriptor++) {
        int file = openat(descriptor, "../../../../../../etc/passwd", O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        close(file);
        return escaped("opened a file of the host's from descriptor %d", descriptor);
    }
    return blocked("no descriptor leads out");
}

static breakout_result extra(void) {
    /* 0 to 4 are the worker's by contract, and its own threads have an epoll or event descriptor or two. */
    int found = 0;
    for (int descriptor = 5; descriptor < DESCRIPTORS_MAX; descriptor++) {
        struct stat status;
        if (fstat(descriptor, &status) == 0 && (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode))) found = descriptor;
    }
    return found > 0 ? escaped("descriptor %d is a socket or pipe of somebody's", found) : blocked("no further channel is open");
}

static breakout_result working_folder(void) {
    char path[400];
    if (getcwd(path, sizeof path) == NULL) return blocked("getcwd: %s", error_name(errno));
    int is_own = strcmp(path, "/") == 0 || strcmp(path, "/data") == 0;
    return is_own ? blocked("the working folder is %s", path) : escaped("the working folder is %s", path);
}

static breakout_result environment(void) {
    int variables = 0;
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++) {
        variables++;
        if (aim->token[0] != 0 && strstr(*variable, aim->token) != NULL) return escaped("a variable holds the secret");
        if (strncmp(*variable, "PATH=", 5) == 0 || strncmp(*variable, "USER=", 5) == 0)
            return escaped("the host's environment is here: %.40s", *variable);
    }
    return blocked("%d variables, none of the host's", variables);
}

static breakout_result program_arguments(void) {
    char bytes[512] = "";
    int descriptor = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return blocked("open /proc/self/cmdline: %s", error_name(errno));
    ssize_t size = read(descriptor, bytes, sizeof bytes - 1);
    close(descriptor);
    for (ssize_t at = 0; at < size; at++)
        if (bytes[at] == 0) bytes[at] = ' ';
    return strstr(bytes, aim->home[0] != 0 ? aim->home : "?") != NULL ? escaped("the arguments name the home")
                                                                     : blocked("the arguments say nothing");
}

const breakout_attempt inherited_attempts[] = {
    {"fd-folder", "be given a descriptor of a folder", folders, 0},
    {"fd-file", "be given a file to write to", writable_files, 0},
    {"fd-openat", "open a file from an inherited folder (CVE-2024-21626)", from_folder, 0},
    {"fd-channel", "be given somebody's socket or pipe", extra, 0},
    {"cwd", "start in a folder of the host's", working_folder, 0},
    {"environment", "be given the host's environment", environment, 0},
    {"arguments", "learn a path from the arguments", program_arguments, 0},
    END_OF_ATTEMPTS,
};

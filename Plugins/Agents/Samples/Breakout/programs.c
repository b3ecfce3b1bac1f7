/* SPDX-License-Identifier: Apache-2.0
 *
 * programs.c: running other programs. A program that runs would replace the worker, so each is asked for in a way that
 * stops after the kernel has granted it: a file without a program in it (ENOEXEC), arguments that cannot be read (EFAULT).
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <sys/mman.h>

#define UNREADABLE ((char *const *)16)

static breakout_result granted(long returned, const char *what) {
    int number = errno;
    if (returned < 0 && number != ENOEXEC && number != EFAULT) return blocked("%s: %s", what, error_name(number));
    return escaped("%s was granted", what);
}

static breakout_result runs(const char *path) {
    char what[100];
    snprintf(what, sizeof what, "exec %s", path);
    return granted(syscall(SYS_execve, path, UNREADABLE, NULL), what);
}

static breakout_result shell(void) { return runs("/bin/sh"); }
static breakout_result self(void) { return runs("/proc/self/exe"); }

static breakout_result loader(void) {
#if defined(__x86_64__)
    return runs("/lib64/ld-linux-x86-64.so.2");
#else
    return runs("/lib/ld-linux-aarch64.so.1");
#endif
}

static breakout_result privileged(void) {
    static const char *const paths[] = {"/usr/bin/su", "/bin/su", "/usr/bin/passwd", "/usr/bin/sudo", "/bin/mount"};
    breakout_result result = blocked("there is no suid program");
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        result = runs(paths[i]);
        if (result.outcome == BREAKOUT_ESCAPED) break;
    }
    return result;
}

/* A file that holds no program: the kernel looks inside it only when it may be run. */
static breakout_result runs_written(const char *parent) {
    char path[400];
    snprintf(path, sizeof path, "%s/breakout-program-%d", parent, (int)getpid());
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    if (descriptor < 0) return blocked("create a program in %s: %s", parent, error_name(errno));
    ssize_t written = write(descriptor, "no program", 10);
    (void)written;
    close(descriptor);
    char *const none[] = {NULL};
    breakout_result result = granted(syscall(SYS_execve, path, none, none), "exec of a written file");
    unlink(path);
    return result;
}

static breakout_result from_data(void) {
    const char *folder = scratch();
    return folder[0] == 0 ? nowhere_to_write() : runs_written(folder);
}

static breakout_result from_tmp(void) { return runs_written("/tmp"); }
static breakout_result from_shm(void) { return runs_written("/dev/shm"); }

static breakout_result from_memory(void) {
    int descriptor = (int)syscall(SYS_memfd_create, "program", MFD_CLOEXEC);
    char *const none[] = {NULL};
    /* Without memfd_create the call itself is still worth trying: on a descriptor that is no file of ours. */
    if (descriptor < 0) return granted(syscall(SYS_execveat, 0, "", none, none, AT_EMPTY_PATH), "execveat");
    ssize_t written = write(descriptor, "no program", 10);
    (void)written;
    breakout_result result =
        granted(syscall(SYS_execveat, descriptor, "", none, none, AT_EMPTY_PATH), "execveat of memory");
    close(descriptor);
    return result;
}

static breakout_result by_descriptor(void) {
    int descriptor = open("/bin/sh", O_PATH | O_CLOEXEC);
    breakout_result result =
        granted(syscall(SYS_execveat, descriptor, "", UNREADABLE, NULL, AT_EMPTY_PATH), "execveat(/bin/sh)");
    if (descriptor >= 0) close(descriptor);
    return result;
}

static breakout_result uses_library(void) {
#if defined(SYS_uselib)
    return reached(syscall(SYS_uselib, "/corral-breakout-nowhere"), "uselib");
#else
    return skipped("this processor has no such call");
#endif
}

const breakout_attempt program_attempts[] = {
    {"exec-shell", "run a shell", shell, 0},
    {"exec-self", "run the worker program again", self, 0},
    {"exec-loader", "run the dynamic loader, which runs anything", loader, 0},
    {"exec-suid", "run a suid program", privileged, 0},
    {"exec-data", "run a file one has written", from_data, 0},
    {"exec-tmp", "run a file written to /tmp", from_tmp, 0},
    {"exec-shm", "run a file written to /dev/shm", from_shm, 0},
    {"exec-memfd", "run a file of memory", from_memory, 0},
    {"exec-descriptor", "run a shell by its descriptor", by_descriptor, 0},
    {"uselib", "load a program by an old call", uses_library, 0},
    END_OF_ATTEMPTS,
};

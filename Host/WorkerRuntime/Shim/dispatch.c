/* SPDX-License-Identifier: Apache-2.0
 *
 * dispatch.c: what libdispatch reads from /proc, for a process that has none.
 *
 * Once a second, while work waits, libdispatch counts which of its threads run, and reads /proc/TID/stat for it. When that
 * cannot be opened it ends the process ("registered worker exited prematurely", workqueue.c of Swift 6.3). A worker at
 * level strict has no /proc, and at level moderate Landlock hides that file. So this program has an `open` of its own,
 * which libdispatch finds before glibc's; it does what glibc's does, except that for the state of a thread of this very
 * process it answers from the thread's processor clock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* libdispatch watches at most 255 threads a queue; two that share a place here are told to sleep too often, and the pool
 * then grows by one more thread than it must. */
#define PLACES 1024

static struct {
    _Atomic long thread;
    _Atomic long long nanoseconds;
} seen[PLACES];

/* The clock of a thread of this process, by its number (clock_getres(2), "Dynamic clocks" of the kernel: the inverted
 * number, 2 = time on the processor, 4 = of one thread). */
static clockid_t clock_of(long thread) { return (clockid_t)((~thread << 3) | 2 | 4); }

/* 1 = it has run since it was last asked, by more than looking takes; -1 = it is no thread of this process. */
static int is_running(long thread) {
    struct timespec time;
    if (clock_gettime(clock_of(thread), &time) != 0) return -1;
    long long now = time.tv_sec * 1000000000LL + time.tv_nsec;
    size_t place = (size_t)thread % PLACES;
    long known = atomic_exchange(&seen[place].thread, thread);
    long long before = atomic_exchange(&seen[place].nanoseconds, now);
    return known != thread || now - before > 1000000;
}

/* The number in "/proc/NUMBER/stat", else 0. */
static long thread_asked_about(const char *path) {
    if (strncmp(path, "/proc/", 6) != 0) return 0;
    char *end;
    long thread = strtol(path + 6, &end, 10);
    return thread > 0 && strcmp(end, "/stat") == 0 ? thread : 0;
}

/* A pipe that holds what the file would say as far as libdispatch reads it. */
static int state_of(long thread) {
    int running = is_running(thread), ends[2];
    if (running < 0 || pipe2(ends, O_CLOEXEC) != 0) return -1;
    char text[48];
    int size = snprintf(text, sizeof text, "%ld (thread) %c\n", thread, running ? 'R' : 'S');
    ssize_t written = write(ends[1], text, (size_t)size);
    close(ends[1]);
    if (written == size) return ends[0];
    close(ends[0]);
    return -1;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    mode_t mode = makes ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (file >= 0 || (errno != ENOENT && errno != EACCES)) return file;
    int number = errno;
    long thread = thread_asked_about(path);
    file = thread > 0 ? state_of(thread) : -1;
    errno = number;
    return file;
}

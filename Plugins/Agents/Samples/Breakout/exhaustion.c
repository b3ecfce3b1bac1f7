/* SPDX-License-Identifier: Apache-2.0
 *
 * exhaustion.c: taking so much that nothing is left for others. Each goes a little beyond the limit that should hold it,
 * and gives everything back.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <pthread.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define MIB ((uint64_t)1 << 20)
/* What a host gives a worker when nobody says otherwise (ResourceLimits). */
#define STANDARD_MEMORY (4096 * MIB)
#define STANDARD_FILE (64 * MIB)
#define STANDARD_THREADS 4096u
#define STANDARD_FILES 512u

static uint64_t memory_limit(void) { return aim->memory_bytes != 0 ? aim->memory_bytes : STANDARD_MEMORY; }
static uint64_t file_limit(void) { return aim->file_bytes != 0 ? aim->file_bytes : STANDARD_FILE; }

/* Bounded: 64 processes prove the point. */
static breakout_result fork_bomb(void) {
    pid_t children[64];
    size_t made = 0;
    int number = 0;
    while (made < COUNT_OF(children)) {
        long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        number = errno;
        if (child == 0)
            for (;;) syscall(SYS_pause);
        if (child < 0) break;
        children[made++] = (pid_t)child;
    }
    for (size_t i = 0; i < made; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    if (made == COUNT_OF(children)) return escaped("made %zu processes", made);
    return blocked("stopped at %zu processes: %s", made, error_name(number));
}

/* Held while the threads are made: they wait for it, and cost nothing meanwhile. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *waits(void *nothing) {
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return nothing;
}

static breakout_result thread_bomb(void) {
    uint32_t wanted = (aim->threads != 0 ? aim->threads : STANDARD_THREADS) + 64, made = 0;
    pthread_t *threads = calloc(wanted, sizeof *threads);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 32 << 10);
    pthread_mutex_lock(&gate);
    int number = 0;
    while (threads != NULL && made < wanted && number == 0) {
        number = pthread_create(&threads[made], &attributes, waits, NULL);
        made += number == 0;
    }
    pthread_mutex_unlock(&gate);
    for (uint32_t i = 0; i < made; i++) pthread_join(threads[i], NULL);
    pthread_attr_destroy(&attributes);
    free(threads);
    return made == wanted ? escaped("made %u threads", made)
                          : blocked("stopped at %u threads: %s", made, error_name(number));
}

static breakout_result reserves(void) {
    uint64_t size = 4 * memory_limit();
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return blocked("mmap(%llu MiB): %s", (unsigned long long)(size / MIB), error_name(errno));
    munmap(memory, size);
    return escaped("reserved %llu MiB", (unsigned long long)(size / MIB));
}

static breakout_result touches(void) {
    uint64_t wanted = memory_limit() + 64 * MIB, piece = 16 * MIB, got = 0;
    size_t pieces = (size_t)(wanted / piece);
    void **memory = calloc(pieces, sizeof *memory);
    if (memory == NULL) return blocked("calloc: %s", error_name(errno));
    size_t made = 0;
    int number = 0;
    for (; made < pieces; made++) {
        memory[made] = mmap(NULL, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        number = errno;
        if (memory[made] == MAP_FAILED) break;
        for (uint64_t at = 0; at < piece; at += 4096) ((volatile char *)memory[made])[at] = 1;
        got += piece;
    }
    for (size_t i = 0; i < made; i++) munmap(memory[i], piece);
    free(memory);
    if (made == pieces) return escaped("used %llu MiB", (unsigned long long)(got / MIB));
    return blocked("stopped at %llu MiB: %s", (unsigned long long)(got / MIB), error_name(number));
}

/* Beyond RLIMIT_FSIZE the kernel sends SIGXFSZ, which kills unless it is ignored. */
static breakout_result stretches(int (*stretch)(int, uint64_t), uint64_t size, const char *what) {
    int descriptor = scratch_file("large", 0600);
    if (descriptor < 0) return nowhere_to_write();
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    int returned = stretch(descriptor, size);
    int number = errno;
    signal(SIGXFSZ, before);
    close(descriptor);
    unlink(scratch_path("large"));
    if (returned != 0) return blocked("%s: %s", what, error_name(number));
    return escaped("%s: %llu MiB", what, (unsigned long long)(size / MIB));
}

static int writes_at(int descriptor, uint64_t size) { return pwrite(descriptor, "x", 1, (off_t)size) == 1 ? 0 : -1; }
static int truncates(int descriptor, uint64_t size) { return ftruncate(descriptor, (off_t)size); }
static int allocates(int descriptor, uint64_t size) { return fallocate(descriptor, 0, 0, (off_t)size); }

static breakout_result large_file(void) { return stretches(writes_at, file_limit() + MIB, "writing a large file"); }
static breakout_result sparse_file(void) { return stretches(truncates, (uint64_t)1 << 40, "a sparse file"); }
static breakout_result reserved_file(void) { return stretches(allocates, file_limit() + 16 * MIB, "reserving disk"); }

static void remove_numbered(int made) {
    char name[32];
    for (int i = 0; i < made; i++) {
        snprintf(name, sizeof name, "many-%d", i);
        unlink(scratch_path(name));
    }
}

/* Files below every limit of size, until there is as much as nobody should leave lying about. */
static breakout_result fills_disk(void) {
    static char block[1 << 20];
    if (scratch()[0] == 0) return nowhere_to_write();
    int number = 0, made = 0, written = 0;
    char name[32];
    for (; made < 24 && number == 0; made++) {
        snprintf(name, sizeof name, "many-%d", made);
        int descriptor = scratch_file(name, 0600);
        for (int i = 0; i < 4 && number == 0; i++) {
            if (write(descriptor, block, sizeof block) == (ssize_t)sizeof block) written++;
            else number = errno == 0 ? ENOSPC : errno;
        }
        if (descriptor >= 0) close(descriptor);
    }
    remove_numbered(made);
    return number == 0 ? escaped("left %d MiB in files", written)
                       : blocked("stopped at %d MiB: %s", written, error_name(number));
}

static breakout_result many_files(void) {
    if (scratch()[0] == 0) return nowhere_to_write();
    int made = 0, number = 0;
    char name[32];
    for (; made < 4000; made++) {
        snprintf(name, sizeof name, "many-%d", made);
        int descriptor = scratch_file(name, 0600);
        number = errno;
        if (descriptor < 0) break;
        close(descriptor);
    }
    remove_numbered(made);
    return made == 4000 ? escaped("left %d files", made) : blocked("stopped at %d files: %s", made, error_name(number));
}

static breakout_result descriptors(void) {
    uint32_t wanted = (aim->open_files != 0 ? aim->open_files : STANDARD_FILES) + 8, made = 0;
    int *list = calloc(wanted, sizeof *list), number = 0;
    for (; list != NULL && made < wanted; made++) {
        list[made] = fcntl(0, F_DUPFD_CLOEXEC, 0);
        number = errno;
        if (list[made] < 0) break;
    }
    for (uint32_t i = 0; i < made; i++) close(list[i]);
    free(list);
    return made == wanted ? escaped("opened %u descriptors", made)
                          : blocked("stopped at %u descriptors: %s", made, error_name(number));
}

static breakout_result pipe_buffers(void) {
    int ends[2];
    if (pipe(ends) != 0) return blocked("pipe: %s", error_name(errno));
    /* The standard size is 64 KiB; what is above counts against a sum that all of a user's processes share. */
    breakout_result result = succeeded(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20), "fcntl(F_SETPIPE_SZ, 1 MiB)");
    close(ends[0]);
    close(ends[1]);
    return result;
}

static breakout_result timers(void) {
    enum { WANTED = 2048 };
    static int list[WANTED];
    int made = 0, number = 0;
    struct sigevent silent = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGURG};
    for (; made < WANTED; made++) {
        number = syscall(SYS_timer_create, CLOCK_MONOTONIC, &silent, &list[made]) == 0 ? 0 : errno;
        if (number != 0) break;
    }
    for (int i = 0; i < made; i++) syscall(SYS_timer_delete, list[i]);
    return made == WANTED ? escaped("made %d timers", made) : blocked("stopped at %d timers: %s", made, error_name(number));
}

static breakout_result queued_signals(void) {
    enum { WANTED = 2048 };
    int made = 0, number = 0, real_time = SIGRTMIN + 3;
    sigset_t one, before;
    sigemptyset(&one);
    sigaddset(&one, real_time);
    pthread_sigmask(SIG_BLOCK, &one, &before);
    /* To this thread alone, so that no other takes one. */
    siginfo_t information = {.si_signo = real_time, .si_code = SI_QUEUE};
    long thread = syscall(SYS_gettid);
    for (; made < WANTED; made++) {
        number = syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, real_time, &information) == 0 ? 0 : errno;
        if (number != 0) break;
    }
    struct timespec none = {0, 0};
    while (sigtimedwait(&one, NULL, &none) > 0) continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return made == WANTED ? escaped("queued %d signals", made)
                          : blocked("stopped at %d queued signals: %s", made, error_name(number));
}

/* A user has 128 of them in all (fs.inotify.max_user_instances), the host included, which watches plugins.d by one. */
static breakout_result watchers(void) {
    int list[100], made = 0, number = 0;
    for (; made < (int)COUNT_OF(list); made++) {
        list[made] = inotify_init1(IN_CLOEXEC);
        number = errno;
        if (list[made] < 0) break;
    }
    for (int i = 0; i < made; i++) close(list[i]);
    return made == (int)COUNT_OF(list) ? escaped("took %d of the user's inotify instances", made)
                                       : blocked("stopped at %d instances: %s", made, error_name(number));
}

static breakout_result has_limit(int resource, rlim_t most, const char *what) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return blocked("getrlimit: %s", error_name(errno));
    if (limit.rlim_max == RLIM_INFINITY) return escaped("%s has no limit", what);
    if (limit.rlim_max > most) return escaped("%s may be %llu", what, (unsigned long long)limit.rlim_max);
    return blocked("%s is at most %llu", what, (unsigned long long)limit.rlim_max);
}

static breakout_result stack(void) { return has_limit(RLIMIT_STACK, 64 * MIB, "a stack"); }
static breakout_result queue_bytes(void) { return has_limit(RLIMIT_MSGQUEUE, 0, "message queue memory"); }
static breakout_result locked(void) { return has_limit(RLIMIT_MEMLOCK, 0, "locked memory"); }
static breakout_result pending(void) { return has_limit(RLIMIT_SIGPENDING, 1024, "the number of pending signals"); }

const breakout_attempt exhaustion_attempts[] = {
    {"fork-bomb", "make processes without end", fork_bomb, 0},
    {"thread-bomb", "make threads without end", thread_bomb, BREAKOUT_DIES_OF_LIMIT | BREAKOUT_IS_HEAVY},
    {"memory-reserve", "reserve more memory than allowed", reserves, BREAKOUT_DIES_OF_LIMIT},
    {"memory-use", "use more memory than allowed", touches, BREAKOUT_DIES_OF_LIMIT | BREAKOUT_IS_HEAVY},
    {"file-large", "write a file that is too large", large_file, BREAKOUT_DIES_OF_LIMIT},
    {"file-sparse", "make a file of 1 TiB", sparse_file, BREAKOUT_DIES_OF_LIMIT},
    {"file-reserve", "reserve disk beyond the limit", reserved_file, BREAKOUT_DIES_OF_LIMIT},
    {"disk-fill", "leave 96 MiB in small files", fills_disk, BREAKOUT_DIES_OF_LIMIT | BREAKOUT_IS_HEAVY},
    {"inode-fill", "leave 4,000 files", many_files, BREAKOUT_DIES_OF_LIMIT},
    {"descriptors", "open descriptors without end", descriptors, 0},
    {"pipe-buffers", "make a pipe hold 1 MiB of kernel memory", pipe_buffers, 0},
    {"timers", "make timers without end", timers, 0},
    {"queued-signals", "queue signals without end", queued_signals, 0},
    {"inotify-instances", "take the user's inotify instances", watchers, 0},
    {"limit-stack", "have an endless stack", stack, 0},
    {"limit-message-queues", "have memory for message queues", queue_bytes, 0},
    {"limit-locked-memory", "have locked memory", locked, 0},
    {"limit-pending-signals", "have many pending signals", pending, 0},
    END_OF_ATTEMPTS,
};

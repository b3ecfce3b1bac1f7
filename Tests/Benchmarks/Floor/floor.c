/* SPDX-License-Identifier: Apache-2.0
 *
 * floor.c: the bare round trip and the bare durable step.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Atomic uint64_t flushes;

/* These stand before libc's, so that every flush is counted, SQLite's too. */
int fdatasync(int descriptor) {
    atomic_fetch_add(&flushes, 1);
    return (int)syscall(SYS_fdatasync, descriptor);
}

int fsync(int descriptor) {
    atomic_fetch_add(&flushes, 1);
    return (int)syscall(SYS_fsync, descriptor);
}

uint64_t floor_flushes(void) { return atomic_load(&flushes); }

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int all(int socket, uint8_t *bytes, size_t size, int is_write) {
    while (size > 0) {
        ssize_t count = is_write ? write(socket, bytes, size) : read(socket, bytes, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return 0;
        bytes += count;
        size -= (size_t)count;
    }
    return 1;
}

typedef struct {
    int socket;
    pid_t child;
    uint8_t *bytes;
    size_t size;
} echo;

static int echo_start(echo *it, size_t size) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return 0;
    it->size = size;
    it->bytes = malloc(size);
    memset(it->bytes, 'x', size);
    it->child = fork();
    if (it->child == 0) {
        close(ends[0]);
        while (all(ends[1], it->bytes, size, 0) && all(ends[1], it->bytes, size, 1)) {}
        _exit(0);
    }
    close(ends[1]);
    it->socket = ends[0];
    return it->child > 0;
}

static int echo_once(echo *it) {
    return all(it->socket, it->bytes, it->size, 1) && all(it->socket, it->bytes, it->size, 0);
}

static void echo_stop(echo *it) {
    close(it->socket);
    if (it->child > 0) waitpid(it->child, NULL, 0);
    free(it->bytes);
}

int64_t floor_round_trips(size_t bytes, int count) {
    echo peer = {0};
    if (!echo_start(&peer, bytes)) return -1;
    int good = 1;
    for (int i = 0; i < 10 && good; i++) good = echo_once(&peer);
    int64_t start = now();
    for (int i = 0; i < count && good; i++) good = echo_once(&peer);
    int64_t taken = now() - start;
    echo_stop(&peer);
    return good ? taken : -1;
}

int64_t floor_durable_steps(const char *path, int count) {
    echo peer = {0};
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || !echo_start(&peer, 1024)) return -1;
    int good = echo_once(&peer);
    int64_t start = now();
    for (int i = 0; i < count && good; i++) {
        good = write(file, peer.bytes, 1024) == 1024 && syscall(SYS_fdatasync, file) == 0 && echo_once(&peer);
    }
    int64_t taken = now() - start;
    echo_stop(&peer);
    close(file);
    return good ? taken : -1;
}

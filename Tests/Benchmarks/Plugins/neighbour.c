/* SPDX-License-Identifier: Apache-2.0
 *
 * neighbour.c: the tenant next door: {"how":0…4} for a fifth of a second, then it answers. 0 spins on more threads than
 * there are processors, 1 takes all memory it gets, 2 starts all threads it gets, 3 floods log and output, 4 fills files
 * and artifacts.
 */
#include "bench.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define THREADS 256
#define BLOCK (1 << 20)

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *spin(void *argument) {
    double end = *(double *)argument;
    while (now() < end) {}
    return NULL;
}

static void start_threads(int wanted, double end) {
    pthread_t threads[THREADS];
    int count = 0;
    while (count < wanted && pthread_create(&threads[count], NULL, spin, &end) == 0) count++;
    spin(&end);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

static void take_memory(double end) {
    char *taken[4096];
    int count = 0;
    while (now() < end && count < 4096) {
        taken[count] = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (taken[count] == MAP_FAILED) break;
        memset(taken[count++], 1, BLOCK);
    }
    while (now() < end)
        for (int i = 0; i < count && now() < end; i++) memset(taken[i], 2, BLOCK);
    for (int i = 0; i < count; i++) munmap(taken[i], BLOCK);
}

static void flood(corral_call call, double end) {
    static char text[8192];
    memset(text, 'x', sizeof text);
    corral_slice line = {(const uint8_t *)"the same line again and again and again", 39};
    while (now() < end) {
        for (int i = 0; i < 100; i++) host->log(call, CORRAL_LOG_INFO, line);
        host->push_partial(call, line);
        ssize_t written = write(1, text, sizeof text);
        (void)written;
    }
}

static void fill(corral_call call, double end) {
    static char block[64 * 1024];
    char name[] = "/tmp/corral-neighbour-XXXXXX";
    int file = mkstemp(name);
    if (file >= 0) unlink(name);
    while (now() < end) {
        if (file >= 0 && write(file, block, sizeof block) < 0) lseek(file, 0, SEEK_SET);
        corral_slice artifact = {(const uint8_t *)"fill", 4}, type = {(const uint8_t *)"text/plain", 10};
        host->push_artifact(call, artifact, type, (corral_slice){(const uint8_t *)block, sizeof block});
    }
    if (file >= 0) close(file);
}

static corral_status run(void *instance, corral_call call, const corral_request *request) {
    (void)instance;
    double end = now() + 0.2;
    switch (integer(request->body, "how")) {
    case 0: start_threads(7, end); break;
    case 1: take_memory(end); break;
    case 2: start_threads(THREADS, end); break;
    case 3: flood(call, end); break;
    default: fill(call, end); break;
    }
    return answer(call, "1", 1);
}

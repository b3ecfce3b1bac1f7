/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c: memory of odd kinds, that holds code, hides from the host, or belongs to somebody else.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static breakout_result closes(long descriptor, const char *what) {
    breakout_result result = reached(descriptor, what);
    if (descriptor >= 0) close((int)descriptor);
    return result;
}

static breakout_result anonymous_file(void) { return closes(syscall(SYS_memfd_create, "breakout", MFD_CLOEXEC), "memfd_create"); }
static breakout_result secret_memory(void) { return closes(syscall(SYS_memfd_secret, 0), "memfd_secret"); }

static breakout_result writable_code(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return blocked("mmap(write and execute): %s", error_name(errno));
    munmap(page, 4096);
    return escaped("mapped memory to write and execute");
}

static breakout_result file_as_code(void) {
    int descriptor = scratch_file("code", 0700);
    if (descriptor < 0) return nowhere_to_write();
    if (ftruncate(descriptor, 4096) != 0) return blocked("ftruncate: %s", error_name(errno));
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0);
    int number = errno;
    close(descriptor);
    unlink(scratch_path("code"));
    if (page == MAP_FAILED) return blocked("mmap(a written file as code): %s", error_name(number));
    munmap(page, 4096);
    return escaped("mapped a written file as code");
}

static breakout_result huge_pages(void) {
    void *page = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (page == MAP_FAILED) return blocked("mmap(MAP_HUGETLB): %s", error_name(errno));
    munmap(page, 2 << 20);
    return escaped("took a huge page from the machine's pool");
}

static breakout_result locks(void) {
    void *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return blocked("mmap: %s", error_name(errno));
    breakout_result result = succeeded(syscall(SYS_mlock, page, 1 << 20), "mlock(1 MiB)");
    munmap(page, 1 << 20);
    return result;
}

static breakout_result locks_all(void) {
    long returned = syscall(SYS_mlockall, MCL_FUTURE);
    breakout_result result = succeeded(returned, "mlockall");
    if (returned == 0) munlockall();
    return result;
}

/* System V and POSIX objects outlive their maker and are found by every process of the same ipc namespace. */
static breakout_result shared_segment(void) {
    long id = syscall(SYS_shmget, IPC_PRIVATE, 4096, 0600);
    breakout_result result = reached(id, "shmget");
    if (id >= 0) syscall(SYS_shmctl, id, IPC_RMID, NULL);
    return result;
}

static breakout_result semaphores(void) {
    long id = syscall(SYS_semget, IPC_PRIVATE, 1, 0600);
    breakout_result result = reached(id, "semget");
    if (id >= 0) syscall(SYS_semctl, id, 0, IPC_RMID, NULL);
    return result;
}

static breakout_result messages(void) {
    long id = syscall(SYS_msgget, IPC_PRIVATE, 0600);
    breakout_result result = reached(id, "msgget");
    if (id >= 0) syscall(SYS_msgctl, id, IPC_RMID, NULL);
    return result;
}

static breakout_result lists_segments(void) {
    struct shminfo info;
    return reached(syscall(SYS_shmctl, 0, IPC_INFO, &info), "shmctl(IPC_INFO)");
}

static breakout_result posix_queue(void) {
    /* O_CREAT without a name that could be: the call is reached, no queue is made. */
    return closes(syscall(SYS_mq_open, "", O_RDWR | O_CREAT, 0600, NULL), "mq_open");
}

static breakout_result moves_pages(void) {
    return reached(syscall(SYS_move_pages, aim->host_pid, 0, NULL, NULL, NULL, 0), "move_pages(the host)");
}

static breakout_result migrates(void) {
    unsigned long nodes = 1;
    return reached(syscall(SYS_migrate_pages, aim->host_pid, 64, &nodes, &nodes), "migrate_pages(the host)");
}

static breakout_result remaps(void) { return reached(syscall(SYS_remap_file_pages, 0, 0, 0, 0, 0), "remap_file_pages"); }
static breakout_result policy(void) { return reached(syscall(SYS_set_mempolicy, 0, NULL, 0), "set_mempolicy"); }

static breakout_result splices(void) { return reached(syscall(SYS_vmsplice, -1, NULL, 0, 0), "vmsplice"); }

/* Which of a file's pages are cached tells what others read. */
static breakout_result cache(void) {
    uint64_t range[2] = {0, 4096}, statistics[5];
    return reached(syscall(451, -1, range, statistics, 0), "cachestat");
}

const breakout_attempt memory_attempts[] = {
    {"memfd", "make a file of memory", anonymous_file, 0},
    {"memfd-secret", "make memory the kernel cannot read", secret_memory, 0},
    {"wx-memory", "map memory to write and execute", writable_code, 0},
    {"map-code", "map a file one has written as code", file_as_code, 0},
    {"huge-pages", "take huge pages", huge_pages, 0},
    {"mlock", "lock memory", locks, 0},
    {"mlockall", "lock all memory", locks_all, 0},
    {"sysv-memory", "make shared memory that outlives the worker", shared_segment, 0},
    {"sysv-semaphores", "make semaphores that outlive the worker", semaphores, 0},
    {"sysv-messages", "make a message queue that outlives the worker", messages, 0},
    {"sysv-list", "ask for everybody's shared memory", lists_segments, 0},
    {"posix-queue", "make a POSIX message queue", posix_queue, 0},
    {"move-pages", "move the host's memory", moves_pages, 0},
    {"migrate-pages", "move the host's memory to another node", migrates, 0},
    {"remap-file-pages", "map a file out of order", remaps, 0},
    {"set-mempolicy", "choose memory nodes", policy, 0},
    {"vmsplice", "put own pages into a pipe (Dirty Pipe's way)", splices, 0},
    {"cachestat", "see what others have read", cache, 0},
    END_OF_ATTEMPTS,
};

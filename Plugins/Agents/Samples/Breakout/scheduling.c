/* SPDX-License-Identifier: Apache-2.0
 *
 * scheduling.c: getting more of the processor, or of the disk, than one's share.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <sched.h>
#include <sys/resource.h>

/* sched_setattr(2), VER0. The kernel's header and glibc's define sched_param both, and cannot be had together. */
typedef struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
} attributes;

static breakout_result sets_policy(int policy, const char *what) {
    struct sched_param parameters = {.sched_priority = 1};
    long returned = syscall(SYS_sched_setscheduler, 0, policy, &parameters);
    breakout_result result = succeeded(returned, what);
    if (returned == 0) {
        parameters.sched_priority = 0;
        syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &parameters);
    }
    return result;
}

static breakout_result fifo(void) { return sets_policy(SCHED_FIFO, "SCHED_FIFO"); }
static breakout_result round_robin(void) { return sets_policy(SCHED_RR, "SCHED_RR"); }

static breakout_result deadline(void) {
    /* 6 = SCHED_DEADLINE: a millisecond in every ten. */
    attributes reserved = {
        .size = sizeof reserved, .policy = 6, .runtime = 1000000, .deadline = 10000000, .period = 10000000};
    long returned = syscall(SYS_sched_setattr, 0, &reserved, 0);
    breakout_result result = succeeded(returned, "SCHED_DEADLINE");
    if (returned == 0) {
        attributes plain = {.size = sizeof plain};
        syscall(SYS_sched_setattr, 0, &plain, 0);
    }
    return result;
}

static breakout_result slows_host(void) {
    /* To the value it has. */
    long nice = 20 - syscall(SYS_getpriority, PRIO_PROCESS, aim->host_pid);
    return succeeded(syscall(SYS_setpriority, PRIO_PROCESS, aim->host_pid, nice), "setpriority(the host)");
}

static breakout_result hurries(void) {
    long nice = 20 - syscall(SYS_getpriority, PRIO_PROCESS, 0);
    long returned = syscall(SYS_setpriority, PRIO_PROCESS, 0, nice - 5);
    breakout_result result = succeeded(returned, "setpriority(more)");
    if (returned == 0) syscall(SYS_setpriority, PRIO_PROCESS, 0, nice);
    return result;
}

static breakout_result looks_at_host(void) {
    struct sched_param parameters;
    return succeeded(syscall(SYS_sched_getparam, aim->host_pid, &parameters), "sched_getparam(the host)");
}

static breakout_result pins_host(void) {
    cpu_set_t processors;
    CPU_ZERO(&processors);
    if (syscall(SYS_sched_getaffinity, aim->host_pid, sizeof processors, &processors) < 0)
        return blocked("sched_getaffinity(the host): %s", error_name(errno));
    long returned = syscall(SYS_sched_setaffinity, aim->host_pid, sizeof processors, &processors);
    return succeeded(returned, "sched_setaffinity(the host)");
}

/* Class 1 = real time, level 4. */
static breakout_result disk_first(void) {
    long returned = syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 4);
    breakout_result result = succeeded(returned, "ioprio_set(real time)");
    if (returned == 0) syscall(SYS_ioprio_set, 1, 0, 0);
    return result;
}

static breakout_result disk_of_host(void) {
    long priority = syscall(SYS_ioprio_get, 1, aim->host_pid);
    if (priority < 0) return blocked("ioprio_get(the host): %s", error_name(errno));
    return succeeded(syscall(SYS_ioprio_set, 1, aim->host_pid, priority), "ioprio_set(the host)");
}

const breakout_attempt scheduling_attempts[] = {
    {"sched-fifo", "run before everybody else", fifo, 0},
    {"sched-rr", "run in turns before everybody else", round_robin, 0},
    {"sched-deadline", "reserve the processor", deadline, 0},
    {"nice-more", "raise the own priority", hurries, 0},
    {"nice-host", "set the host's priority", slows_host, 0},
    {"sched-host", "look at the host's priority", looks_at_host, 0},
    {"affinity-host", "tie the host to a processor", pins_host, 0},
    {"ioprio-realtime", "use the disk before everybody else", disk_first, 0},
    {"ioprio-host", "set the host's disk priority", disk_of_host, 0},
    END_OF_ATTEMPTS,
};

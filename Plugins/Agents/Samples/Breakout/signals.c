/* SPDX-License-Identifier: Apache-2.0
 *
 * signals.c: reaching other processes by signals. Signal 0 hurts nobody and says whether another would have been sent.
 */
#define _GNU_SOURCE
#include "attempts.h"

static breakout_result host(void) { return succeeded(kill(aim->host_pid, 0), "kill(the host, 0)"); }
static breakout_result neighbour(void) { return succeeded(kill(aim->neighbour_pid, 0), "kill(a neighbour, 0)"); }

static breakout_result parent(void) {
    int pid = getppid();
    return pid <= 0 ? blocked("there is no parent here") : succeeded(kill(pid, 0), "kill(the parent, 0)");
}

/* -1 is every process one may signal; the kernel leaves the caller out, and fails when nobody is left (ESRCH). */
static breakout_result everybody(void) { return succeeded(kill(-1, 0), "kill(-1, 0)"); }

static breakout_result scan(void) {
    for (int pid = 1; pid < 70000; pid++)
        if (pid != getpid() && kill(pid, 0) == 0) return escaped("process %d can be signalled", pid);
    return blocked("no process among 70,000 can be signalled");
}

/* EPERM for one that is there, ESRCH for one that is not: an answer that differs says who is. */
static breakout_result oracle(void) {
    kill(aim->host_pid, 0);
    int there = errno;
    kill(0x3fffff, 0);
    int absent = errno;
    if (there == absent) return blocked("one that is there answers as one that is not (%s)", error_name(there));
    return escaped("told a process that is there (%s) from one that is not (%s)", error_name(there), error_name(absent));
}

static breakout_result thread_of_host(void) {
    return succeeded(syscall(SYS_tgkill, aim->host_pid, aim->host_pid, 0), "tgkill(the host, 0)");
}

static breakout_result any_thread(void) { return succeeded(syscall(SYS_tkill, aim->host_pid, 0), "tkill(the host, 0)"); }

static breakout_result queued(void) {
    siginfo_t information = {.si_signo = 0, .si_code = SI_QUEUE};
    return succeeded(syscall(SYS_rt_sigqueueinfo, aim->host_pid, 0, &information), "sigqueue(the host, 0)");
}

static breakout_result queued_to_thread(void) {
    siginfo_t information = {.si_signo = 0, .si_code = SI_QUEUE};
    return succeeded(
        syscall(SYS_rt_tgsigqueueinfo, aim->host_pid, aim->host_pid, 0, &information), "tgsigqueue(the host, 0)");
}

static breakout_result by_descriptor(void) {
    long process = syscall(SYS_pidfd_open, aim->host_pid, 0);
    if (process < 0) return blocked("pidfd_open(the host): %s", error_name(errno));
    breakout_result result = succeeded(syscall(SYS_pidfd_send_signal, process, 0, NULL, 0), "pidfd_send_signal(0)");
    close((int)process);
    return result;
}

static breakout_result opens_process(void) {
    long process = syscall(SYS_pidfd_open, aim->host_pid, 0);
    breakout_result result = succeeded(process, "pidfd_open(the host)");
    if (process >= 0) close((int)process);
    return result;
}

/* Whoever owns a descriptor gets SIGIO when data comes: a way to send a signal without `kill`. */
static breakout_result owner(void) {
    int ends[2];
    if (pipe(ends) != 0) return blocked("pipe: %s", error_name(errno));
    long returned = fcntl(ends[0], F_SETOWN, aim->host_pid);
    breakout_result result = succeeded(returned, "fcntl(F_SETOWN, the host)");
    close(ends[0]);
    close(ends[1]);
    return result;
}

static breakout_result owner_extended(void) {
    int ends[2];
    if (pipe(ends) != 0) return blocked("pipe: %s", error_name(errno));
    struct f_owner_ex wanted = {F_OWNER_PID, aim->host_pid};
    breakout_result result = succeeded(fcntl(ends[0], F_SETOWN_EX, &wanted), "fcntl(F_SETOWN_EX, the host)");
    close(ends[0]);
    close(ends[1]);
    return result;
}

static breakout_result owner_signal(void) {
    int ends[2];
    if (pipe(ends) != 0) return blocked("pipe: %s", error_name(errno));
    breakout_result result = succeeded(fcntl(ends[0], F_SETSIG, SIGKILL), "fcntl(F_SETSIG, SIGKILL)");
    close(ends[0]);
    close(ends[1]);
    return result;
}

static breakout_result waits(void) {
    siginfo_t information;
    long returned = syscall(SYS_waitid, 0, 0, &information, WNOHANG | 4, NULL);
    return reached(returned, "waitid(anybody)");
}

const breakout_attempt signal_attempts[] = {
    {"kill-host", "signal the host", host, 0},
    {"kill-neighbour", "signal another tenant's worker", neighbour, 0},
    {"kill-parent", "signal the parent", parent, 0},
    {"kill-everybody", "signal every process", everybody, 0},
    {"kill-scan", "find a process to signal", scan, 0},
    {"kill-oracle", "learn from refusals who is there", oracle, 0},
    {"tgkill-host", "signal a thread of the host's", thread_of_host, 0},
    {"tkill-host", "signal a thread by the old call", any_thread, 0},
    {"sigqueue-host", "queue a signal for the host", queued, 0},
    {"tgsigqueue-host", "queue a signal for a thread of the host's", queued_to_thread, 0},
    {"pidfd-open", "hold on to the host", opens_process, 0},
    {"pidfd-signal", "signal the host by descriptor", by_descriptor, 0},
    {"f-setown", "let SIGIO go to the host", owner, 0},
    {"f-setown-ex", "the same by the newer request", owner_extended, 0},
    {"f-setsig", "let any signal go where SIGIO goes", owner_signal, 0},
    {"waitid", "wait for other processes", waits, 0},
    END_OF_ATTEMPTS,
};

/* SPDX-License-Identifier: Apache-2.0
 *
 * supervise.c: a program that may start children gets a parent of its own, which takes in every descendant that loses
 * its own parent, and ends all of them when the program ends. In a pid namespace the kernel does that when process 1
 * ends; without one this process is a subreaper and kills until none is left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawner.h"

/* Every parent of processes that are not its own is a process without threads, so its task is its process. */
static int open_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    return open(path, O_RDONLY | O_CLOEXEC);
}

int kill_children(int (*is_known)(pid_t)) {
    /* Room for all the children there may be; should there be more, those come in the next round. */
    static char text[32 * 1024];
    int file = open_children(), count = 0;
    if (file < 0) return 0;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) return 0;
    text[size] = 0;
    for (char *next = text, *end; *next != 0; next = end) {
        long pid = strtol(next, &end, 10);
        if (end == next) break;
        /* A number that reaches the end may be half a number. */
        if (*end != ' ' || (is_known != NULL && is_known((pid_t)pid))) continue;
        kill((pid_t)pid, SIGKILL);
        count++;
    }
    return count;
}

/* A child's own children become ours when it dies, so it takes as many rounds as they are deep; who forks faster than it
 * is killed is still met, because each round is shorter than a fork. */
static void end_all(void) {
    for (;;) {
        kill_children(NULL);
        pid_t pid = waitpid(-1, NULL, 0);
        if (pid < 0 && errno == ECHILD) return;
    }
}

static int code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/* Waits for the program, or for SIGTERM: the spawner asks for the end, or has died. */
static _Noreturn void stay(pid_t program, int has_namespace) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    for (;;) {
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
            if (pid != program) continue;
            if (!has_namespace) end_all();
            _exit(code(status));
        }
        if (sigwaitinfo(&awaited, NULL) == SIGTERM && !has_namespace) {
            end_all();
            _exit(128 + SIGKILL);
        }
    }
}

void supervise(int report, int has_namespace) {
    if (!has_namespace) {
        int file = open_children();
        if (file < 0) fail(report, CORRAL_SPAWNER_STEP_SUPERVISOR, "/proc/self/task/*/children");
        close(file);
        if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) fail(report, CORRAL_SPAWNER_STEP_SUPERVISOR, "subreaper");
        /* Not SIGKILL: there is something to do first. Who died before this line has closed the report's other end. */
        if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) fail(report, CORRAL_SPAWNER_STEP_SUPERVISOR, "prctl");
        struct pollfd reader = {.fd = report, .events = 0};
        if (poll(&reader, 1, 0) != 0) _exit(127);
    }
    pid_t self = getpid();
    pid_t program = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, 0L, 0L, 0L, 0L);
    if (program < 0) fail(report, CORRAL_SPAWNER_STEP_SUPERVISOR, "clone");
    if (program > 0) {
        /* The program's pipes end when the program closes them. */
        close_range(0, ~0u, 0);
        stay(program, has_namespace);
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) fail(report, CORRAL_SPAWNER_STEP_DEATH_SIGNAL, "");
    if (getppid() != self) _exit(127);
    if (setsid() < 0) fail(report, CORRAL_SPAWNER_STEP_SESSION, "");
}

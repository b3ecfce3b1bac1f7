/* SPDX-License-Identifier: Apache-2.0
 *
 * child.c: from fork to exec. Everything a child does before exec is async-signal-safe; a step that fails is reported
 * with its errno over a close-on-exec pipe, so that the host can say more than "exit 125".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawner.h"

/* Above every number that a descriptor gets in the child, so that moving one never overwrites another. */
#define SAFE_DESCRIPTOR 16

typedef struct failure {
    uint32_t step;
    int32_t errno_value;
} failure;

static _Noreturn void fail(int report, uint32_t step) {
    failure failure = {step, errno};
    ssize_t written = write(report, &failure, sizeof failure);
    (void)written;
    _exit(127);
}

/* 0 = /dev/null unless given; all that is not given closes at exec. */
static int place_descriptors(const launch *launch) {
    uint32_t count = launch->request->descriptor_count;
    int moved[CORRAL_SPAWNER_DESCRIPTORS_MAX];
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0) return -1;
    for (uint32_t i = 0; i < count; i++) {
        moved[i] = fcntl(launch->descriptors[i], F_DUPFD_CLOEXEC, SAFE_DESCRIPTOR);
        if (moved[i] < 0) return -1;
    }
    if (dup2(null, 0) < 0 || close_range(1, ~0u, CLOSE_RANGE_CLOEXEC) != 0) return -1;
    for (uint32_t i = 0; i < count; i++)
        if (dup2(moved[i], launch->request->numbers[i]) < 0) return -1;
    return 0;
}

/* exec keeps ignored signals ignored and the mask blocked: both go back to their start values. By system call, because
 * glibc refuses the two signals it keeps for itself and its posix_spawn leaves them ignored. */
static void reset_signals(void) {
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {SIG_DFL, 0, NULL, 0};
    for (int number = 1; number <= 64; number++) syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_limits(const corral_spawner_request *request) {
    for (uint32_t i = 0; i < request->limit_count; i++) {
        rlim_t value = request->limits[i].value == UINT64_MAX ? RLIM_INFINITY : request->limits[i].value;
        struct rlimit limit = {value, value};
        if (setrlimit((int)request->limits[i].resource, &limit) != 0) return -1;
    }
    return 0;
}

static _Noreturn void become(const launch *launch, int report, pid_t spawner) {
    if (setsid() < 0) fail(report, CORRAL_SPAWNER_STEP_SESSION);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(report, CORRAL_SPAWNER_STEP_DEATH_SIGNAL);
    /* The spawner may have died before the line above. */
    if (getppid() != spawner) fail(report, CORRAL_SPAWNER_STEP_PARENT);
    if (place_descriptors(launch) != 0) fail(report, CORRAL_SPAWNER_STEP_DESCRIPTORS);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(report, CORRAL_SPAWNER_STEP_PRIVILEGES);
    if (set_limits(launch->request) != 0) fail(report, CORRAL_SPAWNER_STEP_LIMITS);
    umask(077);
    if (chdir("/") != 0) fail(report, CORRAL_SPAWNER_STEP_DIRECTORY);
    reset_signals();
    execve(launch->path, launch->arguments, launch->environment);
    fail(report, CORRAL_SPAWNER_STEP_EXECUTE);
}

static pid_t failed(corral_spawner_reply *reply, uint32_t step, int number) {
    reply->step = step;
    reply->errno_value = number;
    return -1;
}

pid_t spawn_child(const launch *launch, corral_spawner_reply *reply) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return failed(reply, CORRAL_SPAWNER_STEP_PIPE, errno);
    /* Out of the way of the numbers that place_descriptors fills. */
    int writer = fcntl(report[1], F_DUPFD_CLOEXEC, SAFE_DESCRIPTOR);
    int number = errno;
    close(report[1]);
    if (writer < 0) {
        close(report[0]);
        return failed(reply, CORRAL_SPAWNER_STEP_PIPE, number);
    }
    pid_t spawner = getpid();
    pid_t pid = fork();
    number = errno;
    if (pid == 0) become(launch, writer, spawner);
    close(writer);
    failure failure;
    ssize_t size = 0;
    if (pid > 0) {
        /* The end of the pipe is the success of exec. */
        do size = read(report[0], &failure, sizeof failure);
        while (size < 0 && errno == EINTR);
    }
    close(report[0]);
    if (pid < 0) return failed(reply, CORRAL_SPAWNER_STEP_FORK, number);
    if (size == 0) return pid;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    if (size != (ssize_t)sizeof failure) return failed(reply, CORRAL_SPAWNER_STEP_EXECUTE, EIO);
    return failed(reply, failure.step, failure.errno_value);
}

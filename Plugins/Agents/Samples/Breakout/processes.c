/* SPDX-License-Identifier: Apache-2.0
 *
 * processes.c: making processes, outliving the host, looking at and changing what other processes are.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <linux/sched.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static breakout_result fork_call(void) {
#if defined(SYS_fork)
    return forks(syscall(SYS_fork), "fork");
#else
    return skipped("this processor has no such call");
#endif
}

/* With vfork's flag by clone: the raw call would return twice on one stack. */
static breakout_result vfork_call(void) {
    return forks(syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0), "clone(VFORK)");
}

static breakout_result clone_process(void) { return forks(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), "clone"); }

static breakout_result clone3_process(void) {
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    return forks(syscall(SYS_clone3, &arguments, sizeof arguments), "clone3");
}

/* A child of the parent: nobody here would be its father. */
static breakout_result clone_sibling(void) {
    long returned = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (returned == 0) syscall(SYS_exit_group, 0);
    return reached(returned, "clone(PARENT)");
}

static breakout_result clone_untraced(void) {
    return forks(syscall(SYS_clone, CLONE_UNTRACED | CLONE_FILES | SIGCHLD, 0, 0, 0, 0), "clone(shared descriptors)");
}

static breakout_result spawns(void) {
    char *const arguments[] = {"true", NULL};
    char *const none[] = {NULL};
    pid_t child = 0;
    int number = posix_spawn(&child, "/bin/true", NULL, NULL, arguments, none);
    if (number != 0) return blocked("posix_spawn: %s", error_name(number));
    waitpid(child, NULL, 0);
    return escaped("started /bin/true");
}

/* Death with the host. */

static breakout_result survives(void) {
    /* Outside of a worker nothing was set, so clearing proves nothing but that it may be done. */
    return succeeded(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0), "prctl(SET_PDEATHSIG, 0)");
}

static breakout_result adopts(void) { return succeeded(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl(CHILD_SUBREAPER)"); }
static breakout_result dumps(void) {
    /* Who is dumpable can be looked into by everybody of the same uid; a worker forbids it before it loads a plugin. */
    return succeeded(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(SET_DUMPABLE, 1)");
}

static breakout_result invites(void) { return succeeded(prctl(PR_SET_PTRACER, -1L, 0, 0, 0), "prctl(SET_PTRACER, any)"); }
static breakout_result leads_group(void) { return reached(syscall(SYS_setpgid, 0, 0), "setpgid"); }

/* Limits. */

static breakout_result reads_limits(void) {
    struct rlimit limit;
    return succeeded(syscall(SYS_prlimit64, aim->host_pid, RLIMIT_NOFILE, NULL, &limit), "prlimit(of the host)");
}

static breakout_result sets_limits(void) {
    /* What it has already, so that nothing changes. */
    struct rlimit limit = {1 << 20, 1 << 20};
    syscall(SYS_prlimit64, aim->host_pid, RLIMIT_NOFILE, NULL, &limit);
    return succeeded(syscall(SYS_prlimit64, aim->host_pid, RLIMIT_NOFILE, &limit, NULL), "prlimit(for the host)");
}

static breakout_result raises(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return blocked("getrlimit: %s", error_name(errno));
    struct rlimit more = {limit.rlim_max + 1, limit.rlim_max + 1};
    if (limit.rlim_max == RLIM_INFINITY) return escaped("descriptors have no limit");
    return succeeded(setrlimit(RLIMIT_NOFILE, &more), "raising a hard limit");
}

/* Lowering is allowed to everybody; a worker must not, because the next call of a neighbour would find it. */
static breakout_result changes_limits(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0) return blocked("getrlimit: %s", error_name(errno));
    return reached(setrlimit(RLIMIT_STACK, &limit), "setrlimit");
}

static breakout_result dumps_core(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return blocked("getrlimit: %s", error_name(errno));
    return limit.rlim_max == 0 ? blocked("core files may have 0 bytes") : escaped("core files may be written");
}

static breakout_result looks_at_locks(void) {
    void *list = NULL;
    size_t size = 0;
    return succeeded(syscall(SYS_get_robust_list, aim->host_pid, &list, &size), "get_robust_list(the host)");
}

static breakout_result reaps_memory(void) { return reached(syscall(448, -1, 0), "process_mrelease"); }

const breakout_attempt process_attempts[] = {
    {"fork", "make a process by fork", fork_call, 0},
    {"vfork", "fork as vfork does", vfork_call, 0},
    {"clone-process", "fork by clone", clone_process, 0},
    {"clone3-process", "fork by clone3", clone3_process, 0},
    {"clone-sibling", "make a child of the parent", clone_sibling, 0},
    {"clone-files", "make a process with the same descriptors", clone_untraced, 0},
    {"posix-spawn", "start a program", spawns, 0},
    {"outlive", "outlive the host", survives, 0},
    {"subreaper", "adopt orphans", adopts, 0},
    {"dumpable", "let others look inside", dumps, 0},
    {"ptracer", "invite a tracer", invites, 0},
    {"setpgid", "lead a process group", leads_group, 0},
    {"prlimit-read", "read the host's limits", reads_limits, 0},
    {"prlimit-write", "set the host's limits", sets_limits, 0},
    {"rlimit-raise", "raise an own limit", raises, 0},
    {"rlimit-set", "change an own limit", changes_limits, 0},
    {"core-files", "leave a core file with a tenant's data", dumps_core, 0},
    {"robust-list", "learn an address of the host's", looks_at_locks, 0},
    {"process-mrelease", "empty a dying process", reaps_memory, 0},
    END_OF_ATTEMPTS,
};

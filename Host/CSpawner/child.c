/* SPDX-License-Identifier: Apache-2.0
 *
 * child.c: from clone to exec. Everything a child does before exec is async-signal-safe; a step that fails is reported
 * with its errno and path over a close-on-exec pipe, so that the host can say more than "exit 125".
 *
 * The order matters. The user comes before the mounts, because a tmpfs cannot hold files of a user that is not mapped;
 * the death signal after it, because the kernel clears it when a process changes its user; no_new_privs before Landlock
 * and seccomp, which demand it; the filter last, because it forbids most of what comes before it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spawner.h"

/* As in start.c. */
#define SAFE_DESCRIPTOR 16

_Noreturn void fail(int report, uint32_t step, const char *detail) {
    failure failure;
    memset(&failure, 0, sizeof failure);
    set_failure(&failure, step, errno, detail);
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

/* Dies with the spawner. It may have died before the kernel was told: then nobody reads the report any more. */
static void follow_parent(int report) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(report, CORRAL_SPAWNER_STEP_DEATH_SIGNAL, "");
    struct pollfd reader = {.fd = report, .events = 0};
    if (poll(&reader, 1, 0) != 0) _exit(127);
}

_Noreturn void become(launch *launch, int gate, int report) {
    const corral_spawner_request *request = launch->request;
    int is_strict = request->level == CORRAL_SPAWNER_STRICT;
    char go;
    if (read(gate, &go, 1) != 1) _exit(127);
    close(gate);
    if (setsid() < 0) fail(report, CORRAL_SPAWNER_STEP_SESSION, "");
    if (place_descriptors(launch) != 0) fail(report, CORRAL_SPAWNER_STEP_DESCRIPTORS, "");
    if (is_strict && sethostname("corral", 6) != 0) fail(report, CORRAL_SPAWNER_STEP_HOST_NAME, "");
    /* While it may: a change of the user takes the right away. In a namespace the mounts need the rest a little longer. */
    if (!is_strict) drop_bounding_set();
    if (become_user(is_strict ? INNER_USER : request->user) != 0) fail(report, CORRAL_SPAWNER_STEP_USER, "");
    umask(077);
    if (is_strict) enter_root(launch, report);
    follow_parent(report);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(report, CORRAL_SPAWNER_STEP_PRIVILEGES, "");
    if (drop_capabilities() != 0) fail(report, CORRAL_SPAWNER_STEP_CAPABILITIES, "");
    if (request->profile == CORRAL_SPAWNER_PROGRAM) supervise(report, is_strict);
    if (request->level >= CORRAL_SPAWNER_MODERATE) restrict_files(launch, report);
    if (set_limits(request) != 0) fail(report, CORRAL_SPAWNER_STEP_LIMITS, "");
    if (chdir("/") != 0) fail(report, CORRAL_SPAWNER_STEP_DIRECTORY, "/");
    reset_signals();
    if (install_filter(request->profile, request->level) != 0) fail(report, CORRAL_SPAWNER_STEP_SECCOMP, "");
    execve(launch->path, launch->arguments, launch->environment);
    fail(report, CORRAL_SPAWNER_STEP_EXECUTE, launch->path);
}

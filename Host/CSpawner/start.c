/* SPDX-License-Identifier: Apache-2.0
 *
 * start.c: what the parent does for a new process: it clones, maps the user of a new namespace, enters the process into
 * its cgroups, and opens the gate. A process that does not get through is killed and reaped here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawner.h"

/* Above every number that a descriptor gets in the child, so that moving one never overwrites another. */
#define SAFE_DESCRIPTOR 16

void set_failure(failure *failure, uint32_t step, int number, const char *detail) {
    failure->step = step;
    failure->errno_value = number;
    strncpy(failure->detail, detail, sizeof failure->detail - 1);
    failure->detail[sizeof failure->detail - 1] = 0;
}

static int write_text(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t written = write(file, text, strlen(text));
    int number = errno;
    close(file);
    errno = number;
    return written < 0 ? -1 : 0;
}

/* One user exists inside: 1000, which is the launch's user outside. Without the right to set groups the kernel demands
 * that nobody inside may set them either (user_namespaces(7)). */
static int map_user(pid_t pid, uint32_t user, failure *failure) {
    char path[64], map[64];
    uid_t outer = user == CORRAL_SPAWNER_OWN_USER ? geteuid() : user;
    gid_t outer_group = user == CORRAL_SPAWNER_OWN_USER ? getegid() : user;
    snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
    snprintf(map, sizeof map, "%d %u 1", INNER_USER, outer);
    int is_mapped = write_text(path, map) == 0;
    if (is_mapped && geteuid() != 0) {
        snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
        is_mapped = write_text(path, "deny") == 0;
    }
    if (is_mapped) {
        snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
        snprintf(map, sizeof map, "%d %u 1", INNER_USER, outer_group);
        is_mapped = write_text(path, map) == 0;
    }
    if (!is_mapped) set_failure(failure, CORRAL_SPAWNER_STEP_USER_MAP, errno, strrchr(path, '/') + 1);
    return is_mapped ? 0 : -1;
}

static int enter_cgroups(pid_t pid, char **cgroups, failure *failure) {
    char text[16];
    snprintf(text, sizeof text, "%d", pid);
    for (; *cgroups != NULL; cgroups++) {
        if (write_text(*cgroups, text) == 0) continue;
        set_failure(failure, CORRAL_SPAWNER_STEP_CGROUP, errno, *cgroups);
        return -1;
    }
    return 0;
}

/* A user who is mapped cannot enter the host's private folders even where root can: root opens them first. */
static void open_trees(launch *launch) {
    int is_root = geteuid() == 0 && launch->request->level == CORRAL_SPAWNER_STRICT;
    for (uint32_t i = 0; i < launch->request->folder_count; i++) {
        const char *folder = launch->folders[i];
        launch->trees[i] = is_root && folder[0] != CORRAL_SPAWNER_LINK ? open_tree_of(folder) : -1;
    }
}

static void close_trees(launch *launch) {
    for (uint32_t i = 0; i < launch->request->folder_count; i++)
        if (launch->trees[i] >= 0) close(launch->trees[i]);
}

static unsigned long clone_flags(const corral_spawner_request *request) {
    if (request->level != CORRAL_SPAWNER_STRICT) return SIGCHLD;
    unsigned long flags = SIGCHLD | CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                          CLONE_NEWCGROUP;
    return request->profile == CORRAL_SPAWNER_BROKER ? flags : flags | CLONE_NEWNET;
}

/* A pipe whose ends stay out of the way of the child's numbers. */
static int safe_pipe(int ends[2]) {
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0) return -1;
    for (int i = 0; i < 2; i++) ends[i] = fcntl(pair[i], F_DUPFD_CLOEXEC, SAFE_DESCRIPTOR);
    int number = errno;
    close(pair[0]);
    close(pair[1]);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0) close(ends[i]);
    errno = number;
    return -1;
}

static void end_process(pid_t pid) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

pid_t start_process(launch *launch, int *report, failure *failure) {
    int gate[2], reports[2];
    if (safe_pipe(gate) != 0) {
        set_failure(failure, CORRAL_SPAWNER_STEP_PIPE, errno, "");
        return -1;
    }
    if (safe_pipe(reports) != 0) {
        set_failure(failure, CORRAL_SPAWNER_STEP_PIPE, errno, "");
        close(gate[0]);
        close(gate[1]);
        return -1;
    }
    open_trees(launch);
    unsigned long flags = clone_flags(launch->request);
    /* By system call: glibc has no wrapper that copies the address space and takes the flags of namespaces. The process
     * has one thread, and the child calls nothing that asks glibc who it is. */
    pid_t pid = (pid_t)syscall(SYS_clone, flags, 0L, 0L, 0L, 0L);
    int number = errno;
    if (pid == 0) {
        close(gate[1]);
        become(launch, gate[0], reports[1]);
    }
    close_trees(launch);
    close(gate[0]);
    close(reports[1]);
    int is_open = pid > 0;
    if (pid < 0)
        set_failure(failure, flags == SIGCHLD ? CORRAL_SPAWNER_STEP_FORK : CORRAL_SPAWNER_STEP_NAMESPACES, number, "");
    if (is_open && launch->request->level == CORRAL_SPAWNER_STRICT)
        is_open = map_user(pid, launch->request->user, failure) == 0;
    if (is_open) is_open = enter_cgroups(pid, launch->cgroups, failure) == 0;
    if (is_open && write(gate[1], "", 1) != 1) {
        set_failure(failure, CORRAL_SPAWNER_STEP_PARENT, errno, "");
        is_open = 0;
    }
    close(gate[1]);
    if (is_open) {
        *report = reports[0];
        return pid;
    }
    close(reports[0]);
    if (pid > 0) end_process(pid);
    return -1;
}

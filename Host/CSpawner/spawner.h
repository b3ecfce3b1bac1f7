/* SPDX-License-Identifier: Apache-2.0
 *
 * spawner.h: the parts of corral-spawner. main.c is the loop, request.c checks what the host asks, start.c makes the
 * process, child.c is its way to exec, and the walls it passes on the way have a file each.
 */
#ifndef CORRAL_SPAWNER_H
#define CORRAL_SPAWNER_H

#include <sys/types.h>

#include "Protocol/spawner_protocol.h"

/* The user and group that a process sees itself as, behind a user namespace. */
#define INNER_USER 1000

/* A launch as it arrived, checked: texts point into the request's packet; each list ends with NULL. */
typedef struct launch {
    const corral_spawner_request *request;
    const char *path;
    char **arguments;
    char **environment;
    char **folders;
    char **cgroups;
    /* request->descriptor_count of them: close-on-exec, the caller's to close. */
    const int *descriptors;
    /* The folders' trees, opened by root before the process exists; -1 = it opens them itself. */
    int trees[CORRAL_SPAWNER_FOLDERS_MAX];
} launch;

/* What went wrong, from the child over its report pipe or from the parent. */
typedef struct failure {
    uint32_t step;
    int32_t errno_value;
    char detail[CORRAL_SPAWNER_DETAIL_BYTES_MAX];
} failure;

/* request.c: returns 0 when the packet is not what the protocol says. */
int read_launch(char *packet, size_t size, const corral_spawner_request *request, launch *launch);

/* start.c: makes the process and lets it go. Returns its process id, and in *report the reading end of a pipe: its end is
 * the success of exec, a `failure` the opposite. Returns -1 with *failure when no process was left behind. */
pid_t start_process(launch *launch, int *report, failure *failure);
void set_failure(failure *failure, uint32_t step, int number, const char *detail);

/* child.c: from the clone to exec. Never returns. `gate` says one byte when the parent has done its part. */
_Noreturn void become(launch *launch, int gate, int report);
_Noreturn void fail(int report, uint32_t step, const char *detail);

/* mounts.c */
int open_tree_of(const char *folder);
void enter_root(launch *launch, int report);

/* landlock.c: forbids every file but the launch's folders, and what else Landlock knows. */
void restrict_files(const launch *launch, int report);

/* filter.c: the seccomp filters, compiled once at the start; install_filter is async-signal-safe. */
void compile_filters(void);
int install_filter(uint32_t profile, uint32_t level);

/* privileges.c */
int become_user(uint32_t user);
void drop_bounding_set(void);
int drop_capabilities(void);
int set_limits(const corral_spawner_request *request);
void reset_signals(void);

/* supervise.c: stays the parent of a program with children, and ends all of them with it. Returns in the program. */
void supervise(int report, int has_namespace);
/* Kills every child of this process for which `is_known` says 0. Returns how many there were. */
int kill_children(int (*is_known)(pid_t));

#endif

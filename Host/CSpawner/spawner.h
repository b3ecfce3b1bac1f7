/* SPDX-License-Identifier: Apache-2.0
 *
 * spawner.h: the two halves of corral-spawner: the loop (main.c) and the way from fork to exec (child.c).
 */
#ifndef CORRAL_SPAWNER_H
#define CORRAL_SPAWNER_H

#include <sys/types.h>

#include "Protocol/spawner_protocol.h"

/* A launch as it arrived, checked: texts point into the request's packet and end with a NULL each. */
typedef struct launch {
    const corral_spawner_request *request;
    const char *path;
    char **arguments;
    char **environment;
    /* request->descriptor_count of them: close-on-exec, the caller's to close. */
    const int *descriptors;
} launch;

/* Starts the process and waits until it has become the program or failed to. Returns its process id, or -1 with the
 * failed step and errno in *reply; then no process is left behind. */
pid_t spawn_child(const launch *launch, corral_spawner_reply *reply);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * spawner_protocol.h: what the host and corral-spawner say to each other on the spawner's descriptor 3, a
 * SOCK_SEQPACKET pair: one message is one packet. Both sides are built together, so the structs cross as they
 * lie in memory.
 */
#ifndef CORRAL_SPAWNER_PROTOCOL_H
#define CORRAL_SPAWNER_PROTOCOL_H

#include <stdint.h>

#define CORRAL_SPAWNER_VERSION 2u
/* A request with its texts: a program's arguments, the folders of 256 plugins, the environment. It must fit into a
 * socket's buffer, which holds about 200 KiB. */
#define CORRAL_SPAWNER_REQUEST_BYTES_MAX (128u * 1024u)
#define CORRAL_SPAWNER_TEXTS_MAX 1024u
#define CORRAL_SPAWNER_LIMITS_MAX 16u
/* Children alive at once. Each costs the host three descriptors. */
#define CORRAL_SPAWNER_CHILDREN_MAX 1024u

/* Requests. */
#define CORRAL_SPAWNER_LAUNCH 1u
#define CORRAL_SPAWNER_KILL 2u
/* Replies. */
#define CORRAL_SPAWNER_LAUNCHED 1u
#define CORRAL_SPAWNER_FAILED 2u
#define CORRAL_SPAWNER_EXITED 3u

/* Where a launch failed; the reply's errno_value says why. */
#define CORRAL_SPAWNER_STEP_REQUEST 1u
#define CORRAL_SPAWNER_STEP_CHILDREN 2u
#define CORRAL_SPAWNER_STEP_PIPE 3u
#define CORRAL_SPAWNER_STEP_FORK 4u
#define CORRAL_SPAWNER_STEP_SESSION 5u
#define CORRAL_SPAWNER_STEP_DEATH_SIGNAL 6u
#define CORRAL_SPAWNER_STEP_PARENT 7u
#define CORRAL_SPAWNER_STEP_DESCRIPTORS 8u
#define CORRAL_SPAWNER_STEP_PRIVILEGES 9u
#define CORRAL_SPAWNER_STEP_LIMITS 10u
#define CORRAL_SPAWNER_STEP_DIRECTORY 11u
#define CORRAL_SPAWNER_STEP_EXECUTE 12u

/* Descriptors of one launch. The child gets them under numbers below this. */
#define CORRAL_SPAWNER_DESCRIPTORS_MAX 16u

typedef struct corral_spawner_limit {
    /* RLIMIT_... */
    uint32_t resource;
    uint32_t reserved;
    /* Soft and hard limit; UINT64_MAX = no limit. */
    uint64_t value;
} corral_spawner_limit;

/* A launch is followed by its NUL-terminated texts: the executable's path, `argument_count` arguments behind it, and the
 * environment, one NAME=value each. It brings `descriptor_count` descriptors. A kill has neither. */
typedef struct corral_spawner_request {
    uint32_t version;
    uint32_t kind;
    /* Chosen by the host, not 0 and not in use. */
    uint64_t id;
    uint32_t limit_count;
    uint32_t argument_count;
    uint32_t environment_count;
    uint32_t descriptor_count;
    /* The number each descriptor gets in the child, in the order in which they arrive. */
    uint8_t numbers[CORRAL_SPAWNER_DESCRIPTORS_MAX];
    corral_spawner_limit limits[CORRAL_SPAWNER_LIMITS_MAX];
} corral_spawner_request;

typedef struct corral_spawner_reply {
    uint32_t version;
    uint32_t kind;
    uint64_t id;
    /* launched: the process id. */
    int32_t pid;
    /* failed */
    uint32_t step;
    int32_t errno_value;
    /* exited: as wait(2) gives it. */
    int32_t wait_status;
    uint64_t user_ns;
    uint64_t system_ns;
    uint64_t rss_bytes_max;
} corral_spawner_reply;

#endif

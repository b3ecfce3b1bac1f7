/* SPDX-License-Identifier: Apache-2.0
 *
 * spawner_protocol.h: what the host and corral-spawner say to each other on the spawner's descriptor 3, a
 * SOCK_SEQPACKET pair: one message is one packet. Both sides are built together, so the structs cross as they
 * lie in memory.
 */
#ifndef CORRAL_SPAWNER_PROTOCOL_H
#define CORRAL_SPAWNER_PROTOCOL_H

#include <stdint.h>

#define CORRAL_SPAWNER_VERSION 3u
/* A request with its texts: a program's arguments, the folders of 256 plugins, the environment. It must fit into a
 * socket's buffer, which holds about 200 KiB. */
#define CORRAL_SPAWNER_REQUEST_BYTES_MAX (128u * 1024u)
#define CORRAL_SPAWNER_TEXTS_MAX 1024u
/* The runtime's folders, and those of 256 plugins and what they were given. */
#define CORRAL_SPAWNER_FOLDERS_MAX 512u
#define CORRAL_SPAWNER_LIMITS_MAX 16u
/* Children alive at once. Each costs the host three descriptors. */
#define CORRAL_SPAWNER_CHILDREN_MAX 1024u
/* A path in a failure is cut to this. */
#define CORRAL_SPAWNER_DETAIL_BYTES_MAX 160u

/* Requests. */
#define CORRAL_SPAWNER_LAUNCH 1u
#define CORRAL_SPAWNER_KILL 2u
/* Replies. */
#define CORRAL_SPAWNER_LAUNCHED 1u
#define CORRAL_SPAWNER_FAILED 2u
#define CORRAL_SPAWNER_EXITED 3u

/* Profiles: what kind of process it is, which decides the system calls. */
#define CORRAL_SPAWNER_WORKER 1u
#define CORRAL_SPAWNER_PROGRAM 2u
#define CORRAL_SPAWNER_BROKER 3u

/* Levels, as CorralBase.IsolationLevel. */
#define CORRAL_SPAWNER_BASIC 1u
#define CORRAL_SPAWNER_MODERATE 2u
#define CORRAL_SPAWNER_STRICT 3u

/* The user of a launch: the spawner's own. */
#define CORRAL_SPAWNER_OWN_USER UINT32_MAX

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
/* clone with the flags of the namespaces; EPERM where unprivileged user namespaces are forbidden. */
#define CORRAL_SPAWNER_STEP_NAMESPACES 13u
#define CORRAL_SPAWNER_STEP_USER_MAP 14u
#define CORRAL_SPAWNER_STEP_CGROUP 15u
#define CORRAL_SPAWNER_STEP_USER 16u
#define CORRAL_SPAWNER_STEP_OPEN 17u
#define CORRAL_SPAWNER_STEP_ROOT 18u
#define CORRAL_SPAWNER_STEP_MOUNT 19u
#define CORRAL_SPAWNER_STEP_PIVOT 20u
#define CORRAL_SPAWNER_STEP_LANDLOCK 21u
#define CORRAL_SPAWNER_STEP_LANDLOCK_RULE 22u
#define CORRAL_SPAWNER_STEP_CAPABILITIES 23u
#define CORRAL_SPAWNER_STEP_SUPERVISOR 24u
#define CORRAL_SPAWNER_STEP_SECCOMP 25u
#define CORRAL_SPAWNER_STEP_HOST_NAME 26u

/* Descriptors of one launch. The child gets them under numbers below this. */
#define CORRAL_SPAWNER_DESCRIPTORS_MAX 16u

/* The first letter of a folder's text says what may be done with it; the path follows. As numbers, because Swift does not
 * import characters. */
#define CORRAL_SPAWNER_READ 114 /* r */
/* Read, and programs in it may be run (the loader is one). */
#define CORRAL_SPAWNER_EXECUTE 120 /* x */
#define CORRAL_SPAWNER_WRITE 119 /* w */
#define CORRAL_SPAWNER_DEVICE 100 /* d */
/* A symbolic link to make in a root of one's own: path:target. */
#define CORRAL_SPAWNER_LINK 108 /* l */

typedef struct corral_spawner_limit {
    /* RLIMIT_... */
    uint32_t resource;
    uint32_t reserved;
    /* Soft and hard limit; UINT64_MAX = no limit. */
    uint64_t value;
} corral_spawner_limit;

/* A launch is followed by its NUL-terminated texts: the executable's path, `argument_count` arguments behind it, the
 * environment, one NAME=value each, the folders, a letter and a path each, and the files `cgroup.procs` (v1 `tasks` will
 * do) that the process is entered into. It brings `descriptor_count` descriptors. A kill has neither. */
typedef struct corral_spawner_request {
    uint32_t version;
    uint32_t kind;
    /* Chosen by the host, not 0 and not in use. */
    uint64_t id;
    uint32_t profile;
    uint32_t level;
    /* User and group of the process; only root may choose. */
    uint32_t user;
    uint32_t limit_count;
    uint32_t argument_count;
    uint32_t environment_count;
    uint32_t folder_count;
    uint32_t cgroup_count;
    uint32_t descriptor_count;
    /* Files of the private /tmp (strict), and its bytes. */
    uint32_t temporary_files;
    uint64_t temporary_bytes;
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
    /* failed: the path it was about, or empty; ends with NUL. */
    char detail[CORRAL_SPAWNER_DETAIL_BYTES_MAX];
} corral_spawner_reply;

#endif

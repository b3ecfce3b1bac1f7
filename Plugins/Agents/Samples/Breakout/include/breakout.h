/* SPDX-License-Identifier: Apache-2.0
 *
 * breakout.h: the attempts of Corral's own security test: each tries to leave the sandbox that a worker runs in, and says
 * what came of it. They are harmless where they succeed: they read what the harness laid out for them, ask the kernel for
 * things in a way that changes nothing, and tidy up behind themselves.
 */
#ifndef BREAKOUT_H
#define BREAKOUT_H

#include <stddef.h>
#include <stdint.h>

typedef enum breakout_outcome {
    /* The attempt was refused, or there was nothing to reach. */
    BREAKOUT_BLOCKED,
    /* It got what a worker must not have. */
    BREAKOUT_ESCAPED,
    /* It cannot be tried on this machine; the detail says why. */
    BREAKOUT_SKIPPED,
} breakout_outcome;

typedef struct breakout_result {
    breakout_outcome outcome;
    /* What was done and what the kernel said, for people. */
    char detail[160];
} breakout_result;

/* What the harness laid out, all of it out of a worker's reach by right. Empty texts and zeros = not prepared. */
typedef struct breakout_targets {
    /* A file of the host's user that holds `token`, and the folder it lies in, which that user may change. */
    char secret[256];
    char folder[256];
    /* Another tenant's folder, and the home with every tenant's. */
    char neighbour[256];
    char home[256];
    /* A file that holds `token`, right below the shared temporary folder. */
    char shared[256];
    /* A listening socket with a path, and one with an abstract name. */
    char socket[104];
    char abstract[104];
    /* A folder to write to, where the harness knows one; else the attempts look for one themselves. */
    char scratch[256];
    /* What stands in `secret` and `shared`, and in the environment of the host. */
    char token[64];
    /* The host, and a worker of another tenant. */
    int32_t host_pid;
    int32_t neighbour_pid;
    /* The limits that are in force, for the attempts that go beyond them; 0 = the host's standard. */
    uint64_t memory_bytes;
    uint64_t file_bytes;
    uint32_t threads;
    uint32_t open_files;
    /* A TCP port, IPv4 and IPv6, that somebody on this machine listens on; and a UDP port. */
    uint16_t tcp_port;
    uint16_t udp_port;
} breakout_targets;

/* Who can say how an attempt ended. */
typedef enum breakout_judge {
    /* The attempt itself. */
    BREAKOUT_JUDGE_SELF,
    /* The host: its call must end at its deadline, and the worker be gone. */
    BREAKOUT_JUDGE_DEADLINE,
    /* The host: the worker must be seen to die. */
    BREAKOUT_JUDGE_DEATH,
    /* The host: it must refuse what comes over the socket, and end the worker. */
    BREAKOUT_JUDGE_PROTOCOL,
    /* The host: the call ends as any other, and nothing else has happened. */
    BREAKOUT_JUDGE_SURVIVAL,
} breakout_judge;

/* How the worker may die of an attempt that is blocked. By SIGSYS, the filter's own way, it always may. */
#define BREAKOUT_DIES_OF_LIMIT 1u
#define BREAKOUT_DIES_OF_FAULT 2u
/* It uses much memory, time or disk. */
#define BREAKOUT_IS_HEAVY 4u

typedef struct breakout_attempt {
    /* [a-z0-9-], unique. */
    const char *name;
    const char *summary;
    breakout_result (*run)(void);
    uint32_t flags;
    breakout_judge judge;
} breakout_attempt;

/* The attempts of one file; several may be of one class. */
typedef struct breakout_group {
    const char *class_name;
    /* Ends with one whose name is NULL. */
    const breakout_attempt *attempts;
} breakout_group;

/* The first of all groups; they end with one whose class_name is NULL. */
const breakout_group *breakout_first_group(void);

/* NULL when there is none of that name. */
const breakout_attempt *breakout_find(const char *name);
/* The class an attempt is of. */
const char *breakout_class_of(const breakout_attempt *attempt);

/* Runs an attempt in the calling process: it may die of it. One at a time in a process. */
breakout_result breakout_run(const breakout_attempt *attempt, const breakout_targets *targets);

/* Reads `{"attempt": name, "targets": {...}}`; unknown members are passed over. Returns 0 when no attempt is named. */
int breakout_read_request(
    const uint8_t *json, size_t size, char *attempt, size_t attempt_size, breakout_targets *targets);

/* Writes a line to the host's log; set by who has one. */
extern void (*breakout_log)(const char *line);

/* "blocked", "escaped" or "skipped". */
const char *breakout_outcome_name(breakout_outcome outcome);
/* "self", "deadline", "death", "protocol" or "survival". */
const char *breakout_judge_name(breakout_judge judge);

/* Writes text as a JSON string with its quotes; cut when it does not fit. Returns the length. */
size_t breakout_write_string(char *buffer, size_t size, const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * landlock.c: the same folders as the mounts, a second time: at level strict a second lock, at level moderate the only
 * one. Each ABI of Landlock (landlock(7)) knows more rights than the one before; what this kernel does not know is left
 * out of what is asked, and `corral doctor` says the ABI.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spawner.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* Spelled out, because the headers of the building machine may be older than the kernel it runs on. */
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    MAKE_CHAR = 1 << 6,
    MAKE_BLOCK = 1 << 11,
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
};
#define ABI_1_RIGHTS ((1u << 13) - 1)
#define FILE_RIGHTS (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)
#define NET_BIND_TCP (1u << 0)
#define NET_CONNECT_TCP (1u << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1u << 0)
#define SCOPE_SIGNAL (1u << 1)
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1

struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

struct path_rule {
    uint64_t rights;
    int32_t parent;
} __attribute__((packed));

/* Each ABI takes a longer struct; one that is longer than it knows must be zero behind. */
static struct ruleset handled(int abi, uint32_t profile) {
    struct ruleset ruleset = {.files = ABI_1_RIGHTS};
    if (abi >= 2) ruleset.files |= REFER;
    if (abi >= 3) ruleset.files |= TRUNCATE;
    if (abi >= 5) ruleset.files |= IOCTL_DEV;
    if (abi >= 4 && profile != CORRAL_SPAWNER_BROKER) ruleset.network = NET_BIND_TCP | NET_CONNECT_TCP;
    /* Listening is nobody's. */
    if (abi >= 4 && profile == CORRAL_SPAWNER_BROKER) ruleset.network = NET_BIND_TCP;
    if (abi >= 6) ruleset.scopes = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    return ruleset;
}

static uint64_t rights(char kind, uint64_t all) {
    switch (kind) {
    case CORRAL_SPAWNER_WRITE: return all & ~(uint64_t)(EXECUTE | MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV);
    case CORRAL_SPAWNER_DEVICE: return READ_FILE | WRITE_FILE;
    case CORRAL_SPAWNER_EXECUTE: return READ_FILE | READ_DIR | EXECUTE;
    default: return READ_FILE | READ_DIR;
    }
}

/* What a plugin has written to must be the folder itself: a link in its place could lead anywhere. */
static int open_place(const char *path, char kind) {
    return open(path, O_PATH | O_CLOEXEC | (kind == CORRAL_SPAWNER_WRITE ? O_NOFOLLOW | O_DIRECTORY : 0));
}

static int allow(int ruleset, const char *path, char kind, uint64_t all) {
    struct path_rule rule = {rights(kind, all), open_place(path, kind)};
    if (rule.parent < 0) return -1;
    struct stat status;
    if (fstat(rule.parent, &status) != 0) return -1;
    if (!S_ISDIR(status.st_mode)) rule.rights &= FILE_RIGHTS;
    int result = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
    int number = errno;
    close(rule.parent);
    errno = number;
    return result;
}

void restrict_files(const launch *launch, int report) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0L, CREATE_RULESET_VERSION);
    if (abi < 0) fail(report, CORRAL_SPAWNER_STEP_LANDLOCK, "");
    struct ruleset all = handled((int)abi, launch->request->profile);
    size_t size = abi >= 6 ? sizeof all : abi >= 4 ? offsetof(struct ruleset, scopes) : offsetof(struct ruleset, network);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0L);
    if (ruleset < 0) fail(report, CORRAL_SPAWNER_STEP_LANDLOCK, "");
    for (uint32_t i = 0; i < launch->request->folder_count; i++) {
        const char *folder = launch->folders[i];
        if (folder[0] == CORRAL_SPAWNER_LINK) continue;
        if (allow(ruleset, folder + 1, folder[0], all.files) != 0)
            fail(report, CORRAL_SPAWNER_STEP_LANDLOCK_RULE, folder + 1);
    }
    /* Elsewhere /tmp is everybody's. */
    if (launch->request->level == CORRAL_SPAWNER_STRICT &&
        allow(ruleset, "/tmp", CORRAL_SPAWNER_WRITE, all.files) != 0)
        fail(report, CORRAL_SPAWNER_STEP_LANDLOCK_RULE, "/tmp");
    if (syscall(SYS_landlock_restrict_self, ruleset, 0L) != 0) fail(report, CORRAL_SPAWNER_STEP_LANDLOCK, "");
    close(ruleset);
}

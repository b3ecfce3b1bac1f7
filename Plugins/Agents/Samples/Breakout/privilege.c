/* SPDX-License-Identifier: Apache-2.0
 *
 * privilege.c: becoming somebody else, and keeping what a worker should have lost.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/xattr.h>

/* Inside a user namespace uid 0 may be a mapped nobody, but no worker is given it. */
static breakout_result is_root(void) {
    return geteuid() == 0 ? escaped("the worker runs as uid 0") : blocked("the worker runs as uid %d", (int)geteuid());
}

static breakout_result sets_uid(void) { return succeeded(syscall(SYS_setuid, 0), "setuid(0)"); }
static breakout_result sets_all_uids(void) { return succeeded(syscall(SYS_setresuid, 0, 0, 0), "setresuid(0)"); }
static breakout_result sets_gid(void) { return succeeded(syscall(SYS_setgid, 0), "setgid(0)"); }

static breakout_result sets_groups(void) {
    gid_t groups[] = {0};
    return succeeded(syscall(SYS_setgroups, 1, groups), "setgroups(0)");
}

/* The call never fails: it answers the uid of before, so it is asked twice. */
static breakout_result sets_file_uid(void) {
    syscall(SYS_setfsuid, 0);
    long now = syscall(SYS_setfsuid, -1);
    return now == 0 ? escaped("files are used as uid 0") : blocked("setfsuid(0) changed nothing");
}

static breakout_result becomes_neighbour(void) {
    struct stat neighbour;
    uid_t own = getuid(), wanted = own + 1;
    if (stat(aim->neighbour, &neighbour) == 0 && neighbour.st_uid != own) wanted = neighbour.st_uid;
    long returned = syscall(SYS_setresuid, -1, wanted, -1);
    breakout_result result = succeeded(returned, "setresuid(another tenant's uid)");
    if (returned == 0) syscall(SYS_setresuid, -1, own, -1);
    return result;
}

static int capabilities(struct __user_cap_data_struct *data) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return (int)syscall(SYS_capget, &header, data);
}

static breakout_result has_capabilities(void) {
    struct __user_cap_data_struct data[2] = {{0}};
    if (capabilities(data) != 0) return blocked("capget: %s", error_name(errno));
    uint32_t low = data[0].effective | data[0].permitted | data[0].inheritable;
    uint32_t high = data[1].effective | data[1].permitted | data[1].inheritable;
    return low | high ? escaped("holds the capabilities %08x%08x", high, low) : blocked("holds no capability");
}

static breakout_result takes_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{~0u, ~0u, 0}, {~0u, ~0u, 0}};
    return succeeded(syscall(SYS_capset, &header, data), "capset(all)");
}

/* What is in the bounding set comes back with the first file that has capabilities, or with a user namespace. */
static breakout_result bounding_set(void) {
    for (int capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1)
            return escaped("capability %d is in the bounding set", capability);
    return blocked("the bounding set is empty, or may not be asked for");
}

static breakout_result raises_ambient(void) {
    return succeeded(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0), "raising an ambient capability");
}

static breakout_result keeps_capabilities(void) {
    return succeeded(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl(SET_KEEPCAPS)");
}

static breakout_result sets_secure_bits(void) {
    return succeeded(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), "prctl(SET_SECUREBITS)");
}

static breakout_result new_privileges(void) {
    int value = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    if (value == 1) return blocked("no_new_privs is set");
    return value == 0 ? escaped("no_new_privs is not set") : blocked("prctl: %s", error_name(errno));
}

static breakout_result no_filter(void) {
    int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
    if (mode == SECCOMP_MODE_FILTER) return blocked("a filter is installed");
    return mode == 0 ? escaped("no filter is installed") : blocked("prctl: %s", error_name(errno));
}

/* The bit outlives the worker: whoever can reach the file from outside would run it as this tenant. */
static breakout_result suid_file(void) {
    int descriptor = scratch_file("suid", 0755);
    if (descriptor < 0) return nowhere_to_write();
    struct stat status = {0};
    int changed = fchmod(descriptor, 04755);
    int number = errno;
    fstat(descriptor, &status);
    close(descriptor);
    unlink(scratch_path("suid"));
    if (changed != 0) return blocked("fchmod(04755): %s", error_name(number));
    return status.st_mode & S_ISUID ? escaped("made a suid file") : blocked("the suid bit was dropped");
}

static breakout_result file_capability(void) {
    int descriptor = scratch_file("capable", 0755);
    if (descriptor < 0) return nowhere_to_write();
    struct vfs_cap_data data = {VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, {{~0u, 0}, {~0u, 0}}};
    breakout_result result =
        succeeded(fsetxattr(descriptor, "security.capability", &data, sizeof data, 0), "a capability on a file");
    close(descriptor);
    unlink(scratch_path("capable"));
    return result;
}

const breakout_attempt privilege_attempts[] = {
    {"is-root", "run as uid 0", is_root, 0},
    {"setuid-root", "become uid 0", sets_uid, 0},
    {"setresuid-root", "become uid 0 in all three ways", sets_all_uids, 0},
    {"setgid-root", "become gid 0", sets_gid, 0},
    {"setgroups", "join group 0", sets_groups, 0},
    {"setfsuid", "use files as uid 0", sets_file_uid, 0},
    {"setuid-neighbour", "become another tenant's uid", becomes_neighbour, 0},
    {"capabilities", "hold a capability", has_capabilities, 0},
    {"capset", "take every capability", takes_capabilities, 0},
    {"bounding-set", "keep a capability in the bounding set", bounding_set, 0},
    {"ambient", "raise an ambient capability", raises_ambient, 0},
    {"keepcaps", "keep capabilities over a change of uid", keeps_capabilities, 0},
    {"securebits", "give root its powers back", sets_secure_bits, 0},
    {"new-privileges", "be able to gain privileges by exec", new_privileges, 0},
    {"no-filter", "run without a system call filter", no_filter, 0},
    {"suid-file", "leave a suid file behind", suid_file, 0},
    {"file-capability", "put a capability on a file", file_capability, 0},
    END_OF_ATTEMPTS,
};

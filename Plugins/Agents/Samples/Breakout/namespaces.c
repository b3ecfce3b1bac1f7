/* SPDX-License-Identifier: Apache-2.0
 *
 * namespaces.c: making and entering namespaces. A user namespace is the key to most of the kernel's attack surface: inside
 * one, an ordinary user has every capability over what the namespace owns.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <linux/sched.h>

static breakout_result unshares(unsigned long flags, const char *what) {
    long returned = syscall(SYS_unshare, flags);
    if (returned < 0 && (errno == ENOSPC || errno == EUSERS)) return blocked("%s: %s", what, error_name(errno));
    return reached(returned, what);
}

static breakout_result user(void) { return unshares(CLONE_NEWUSER, "unshare(NEWUSER)"); }
/* As an ordinary user the others come only together with a user namespace. */
static breakout_result mounts(void) { return unshares(CLONE_NEWUSER | CLONE_NEWNS, "unshare(NEWUSER|NEWNS)"); }
static breakout_result net(void) { return unshares(CLONE_NEWUSER | CLONE_NEWNET, "unshare(NEWUSER|NEWNET)"); }
static breakout_result pid(void) { return unshares(CLONE_NEWUSER | CLONE_NEWPID, "unshare(NEWUSER|NEWPID)"); }
static breakout_result ipc(void) { return unshares(CLONE_NEWUSER | CLONE_NEWIPC, "unshare(NEWUSER|NEWIPC)"); }
static breakout_result uts(void) { return unshares(CLONE_NEWUSER | CLONE_NEWUTS, "unshare(NEWUSER|NEWUTS)"); }
static breakout_result cgroup(void) { return unshares(CLONE_NEWUSER | CLONE_NEWCGROUP, "unshare(NEWUSER|NEWCGROUP)"); }
static breakout_result timens(void) { return unshares(CLONE_NEWUSER | CLONE_NEWTIME, "unshare(NEWUSER|NEWTIME)"); }
static breakout_result mounts_alone(void) { return unshares(CLONE_NEWNS, "unshare(NEWNS)"); }
/* Not a namespace, but what `unshare` of files and folders gives is asked of the same call. */
static breakout_result files(void) { return unshares(CLONE_FILES | CLONE_FS, "unshare(FILES|FS)"); }

static breakout_result clone_user(void) {
    return forks(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), "clone(NEWUSER)");
}

static breakout_result clone_all(void) {
    unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    return forks(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0), "clone(six namespaces)");
}

static breakout_result clone3_user(void) {
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    return forks(syscall(SYS_clone3, &arguments, sizeof arguments), "clone3(NEWUSER)");
}

static breakout_result enters(const char *path, int kind, const char *what) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    /* -1 will do where there is no /proc: EBADF says that the call would have been obeyed. */
    breakout_result result = reached(syscall(SYS_setns, descriptor, kind), what);
    if (descriptor >= 0) close(descriptor);
    return result;
}

static breakout_result set_own(void) { return enters("/proc/self/ns/user", CLONE_NEWUSER, "setns(own user)"); }
static breakout_result set_first(void) { return enters("/proc/1/ns/mnt", CLONE_NEWNS, "setns(mounts of pid 1)"); }
static breakout_result set_first_net(void) { return enters("/proc/1/ns/net", CLONE_NEWNET, "setns(network of pid 1)"); }

static breakout_result set_host(void) {
    long descriptor = syscall(SYS_pidfd_open, aim->host_pid, 0);
    breakout_result result =
        reached(syscall(SYS_setns, descriptor, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID), "setns(all of the host's)");
    if (descriptor >= 0) close((int)descriptor);
    return result;
}

const breakout_attempt namespace_attempts[] = {
    {"userns-unshare", "make a user namespace", user, 0},
    {"userns-clone", "start a process in a user namespace", clone_user, 0},
    {"userns-clone3", "the same by clone3, which filters cannot look into", clone3_user, 0},
    {"userns-all", "start a process in six namespaces at once", clone_all, 0},
    {"mntns-unshare", "make a mount namespace inside a user namespace", mounts, 0},
    {"mntns-alone", "make a mount namespace with the rights of now", mounts_alone, 0},
    {"netns-unshare", "make a network namespace (nf_tables, CVE-2024-1086)", net, 0},
    {"pidns-unshare", "make a pid namespace", pid, 0},
    {"ipcns-unshare", "make an ipc namespace", ipc, 0},
    {"utsns-unshare", "make a uts namespace", uts, 0},
    {"cgroupns-unshare", "make a cgroup namespace", cgroup, 0},
    {"timens-unshare", "make a time namespace", timens, 0},
    {"files-unshare", "leave the shared descriptor table and working folder", files, 0},
    {"setns-own", "enter the user namespace again, for fresh capabilities", set_own, 0},
    {"setns-first", "enter the mount namespace of pid 1", set_first, 0},
    {"setns-first-net", "enter the network namespace of pid 1", set_first_net, 0},
    {"setns-host", "enter the host's namespaces by its pidfd", set_host, 0},
    END_OF_ATTEMPTS,
};

/* SPDX-License-Identifier: Apache-2.0
 *
 * privileges.c: user, capabilities, resource limits and signals of a child.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spawner.h"

/* By system call: glibc's functions would tell other threads, of which there are none, by taking locks. */
int become_user(uint32_t user) {
    if (user == CORRAL_SPAWNER_OWN_USER) return 0;
    /* EPERM: an ordinary user's namespace, where setgroups is denied, and the groups stay. */
    if (syscall(SYS_setgroups, 0L, NULL) != 0 && errno != EPERM) return -1;
    /* Or the kernel would take the capabilities that the mounts need, when it is root's user that is left. */
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return -1;
    if (syscall(SYS_setresgid, user, user, user) != 0 || syscall(SYS_setresuid, user, user, user) != 0) return -1;
    return 0;
}

void drop_bounding_set(void) {
    for (int capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
}

/* What may be regained by no exec, no file and no user. An ordinary user has none of it and may not say so either: EPERM
 * is then no failure, because without a capability in the permitted set nothing can be added to any other. */
int drop_capabilities(void) {
    drop_bounding_set();
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) return -1;
    unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                         SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                         SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) != 0 && errno != EPERM) return -1;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}, {0, 0, 0}};
    return (int)syscall(SYS_capset, &header, none);
}

int set_limits(const corral_spawner_request *request) {
    for (uint32_t i = 0; i < request->limit_count; i++) {
        rlim_t value = request->limits[i].value == UINT64_MAX ? RLIM_INFINITY : request->limits[i].value;
        struct rlimit limit = {value, value};
        if (setrlimit((int)request->limits[i].resource, &limit) != 0) return -1;
    }
    return 0;
}

/* exec keeps ignored signals ignored and the mask blocked: both go back to their start values. By system call, because
 * glibc refuses the two signals it keeps for itself and its posix_spawn leaves them ignored. */
void reset_signals(void) {
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {SIG_DFL, 0, NULL, 0};
    for (int number = 1; number <= 64; number++) syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

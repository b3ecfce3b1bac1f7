/* SPDX-License-Identifier: Apache-2.0
 *
 * seal.c: the second filter, which a process puts over itself before it runs what it does not trust: what the spawner's
 * filter had to leave open for the start. By now the process knows its own number, and has become its program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CorralWorkerShim.h"

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define NUMBER LOAD(offsetof(struct seccomp_data, nr))
#define FIRST_ARGUMENT LOAD(offsetof(struct seccomp_data, args[0]))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
/* Skips the next instruction unless the call is this one. */
#define UNLESS(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1)
/* Goes to the check of the process when the call is this one; `further` of these follow. */
#define ASKS_WHOM(number, further) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, (further) + 1, 0)

int corral_seal_process(void) {
    struct sock_filter code[] = {
        /* Other architectures' numbers never get here: the first filter kills them. */
        NUMBER,
        UNLESS(SYS_execve),
        REFUSE,
        UNLESS(SYS_execveat),
        REFUSE,
        UNLESS(SYS_seccomp),
        REFUSE,
        ASKS_WHOM(SYS_kill, 3),
        ASKS_WHOM(SYS_tgkill, 2),
        ASKS_WHOM(SYS_rt_sigqueueinfo, 1),
        ASKS_WHOM(SYS_rt_tgsigqueueinfo, 0),
        RETURN(SECCOMP_RET_ALLOW),
        /* Signals are for oneself. */
        FIRST_ARGUMENT,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)getpid(), 0, 1),
        RETURN(SECCOMP_RET_ALLOW),
        REFUSE,
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0L, &program) == 0 ? 0 : -errno;
}

int corral_filter_mode(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0); }

/* SPDX-License-Identifier: Apache-2.0
 *
 * deny.c: runs a program on a kernel that lacks something: a filter answers the named system calls with an error, as a
 * container's filter, an older kernel or a security module does.
 *
 * Built once for each case, with SPAWNER and WHAT defined: the host starts it as it starts the spawner.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter code[64];
static unsigned short length;

static void emit(uint16_t what, uint8_t yes, uint8_t no, uint32_t value) {
    code[length++] = (struct sock_filter){what, yes, no, value};
}

static void deny(uint32_t number, int error) {
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number);
    emit(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (uint32_t)error);
}

/* Only with flags of this mask. */
static void deny_flags(uint32_t number, uint32_t mask, int error) {
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, number);
    emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[0]));
    emit(BPF_JMP | BPF_JSET | BPF_K, 0, 1, mask);
    emit(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (uint32_t)error);
    emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "--probe") == 0) return 0;
    const char *what = WHAT;
    emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
    int is_docker = strcmp(what, "docker") == 0;
    if (is_docker || strcmp(what, "clone") == 0) deny_flags(SYS_clone, 0x7E020000, EPERM);
    if (strcmp(what, "user namespaces used up") == 0) deny_flags(SYS_clone, CLONE_NEWUSER, ENOSPC);
    if (is_docker) deny(SYS_clone3, ENOSYS);
    if (is_docker || strcmp(what, "unshare") == 0) deny(SYS_unshare, EPERM);
    if (is_docker || strcmp(what, "mount") == 0) deny(SYS_mount, EPERM);
    if (strcmp(what, "open_tree") == 0) deny(SYS_open_tree, EPERM);
    if (strcmp(what, "mount_setattr") == 0) deny(SYS_mount_setattr, EPERM);
    if (is_docker || strcmp(what, "move_mount") == 0) deny(SYS_move_mount, EPERM);
    if (is_docker || strcmp(what, "pivot_root") == 0) deny(SYS_pivot_root, EPERM);
    if (is_docker || strcmp(what, "umount2") == 0) deny(SYS_umount2, EPERM);
    if (strcmp(what, "sethostname") == 0) deny(SYS_sethostname, EPERM);
    if (strncmp(what, "landlock", 8) == 0 || strstr(what, "nothing") != NULL) {
        if (strcmp(what, "landlock_add_rule") != 0 && strcmp(what, "landlock_restrict_self") != 0)
            deny(444, ENOSYS);
        if (strcmp(what, "landlock_add_rule") == 0) deny(445, EPERM);
        if (strcmp(what, "landlock_restrict_self") == 0) deny(446, EPERM);
    }
    if (strstr(what, "nothing") != NULL) deny_flags(SYS_clone, 0x7E020000, EPERM);
    if (strcmp(what, "nothing, not even seccomp") == 0) deny(SYS_seccomp, EINVAL);
    emit(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return perror("seccomp"), 1;
    execl(SPAWNER, SPAWNER, (char *)NULL);
    return perror(SPAWNER), 1;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * filter.c: the system calls that a process may make, as classic BPF (seccomp(2)), one filter a profile, compiled once.
 * What is not listed is refused with EPERM; what only an attack on the kernel uses kills the process, so that the attempt
 * is seen; numbers newer than the list are ENOSYS, so that a new libc finds out that it must do without. The kernel keeps
 * a bitmap of the calls that are always allowed (since 5.11), so the length of the list costs nothing.
 *
 * By hand, not by libseccomp: docs/decisions/0005 says why.
 */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "spawner.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "which architecture do system calls have here?"
#endif

/* The newest call of Linux 6.17 is 469; those above 466 are not needed and not judged. */
#define NEWEST_KNOWN 466u
#define X32_BIT 0x40000000u
#define FILTER_MAX 1024
#define NEW_NAMESPACES                                                                                        \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define KILL SECCOMP_RET_KILL_PROCESS
#define ALLOW SECCOMP_RET_ALLOW
#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)

typedef struct filter {
    struct sock_filter code[FILTER_MAX];
    uint16_t length;
} filter;

/* One a profile, and one for programs with a root of their own. */
static filter filters[4];

static int index_of(uint32_t profile, uint32_t level) {
    if (profile == CORRAL_SPAWNER_PROGRAM && level == CORRAL_SPAWNER_STRICT) return 3;
    return (int)(profile - CORRAL_SPAWNER_WORKER);
}

/* A filter too long is a mistake of this file, seen at the first start of the program. */
static void emit(filter *filter, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
    if (filter->length == FILTER_MAX) abort();
    filter->code[filter->length++] = (struct sock_filter){code, if_true, if_false, value};
}

static void load(filter *filter, size_t offset) { emit(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0); }
static void end(filter *filter, uint32_t action) { emit(filter, BPF_RET | BPF_K, action, 0, 0); }

static void if_equal(filter *filter, uint32_t value, uint32_t action) {
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    end(filter, action);
}

/* The 32 bits that the kernel looks at where an argument is an int: what lies above them must not matter
 * (CVE-2019-7303). */
static void load_low(filter *filter, int argument) { load(filter, offsetof(struct seccomp_data, args[argument])); }
static void load_high(filter *filter, int argument) { load(filter, offsetof(struct seccomp_data, args[argument]) + 4); }

static void each(filter *filter, const uint16_t *numbers, size_t count, uint32_t action) {
    for (size_t i = 0; i < count; i++) if_equal(filter, numbers[i], action);
}
#define EACH(filter, numbers, action) each(filter, numbers, sizeof(numbers) / sizeof(numbers)[0], action)

/* What lies between these two is run for one call only, and must end in an action. */
static uint16_t when(filter *filter, uint32_t number) {
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 0);
    return filter->length;
}
static void done(filter *filter, uint16_t start, uint32_t otherwise) {
    end(filter, otherwise);
    if (filter->length - start > 255) abort();
    filter->code[start - 1].jf = (uint8_t)(filter->length - start);
}

/* Allowed when the argument is one of the values. */
static void when_among(filter *filter, uint32_t number, int argument, const uint32_t *values, size_t count) {
    uint16_t start = when(filter, number);
    load_low(filter, argument);
    for (size_t i = 0; i < count; i++) if_equal(filter, values[i], ALLOW);
    done(filter, start, REFUSE);
}
#define WHEN_AMONG(filter, number, argument, values)                                                         \
    when_among(filter, number, argument, values, sizeof(values) / sizeof(values)[0])

static void check_clone(filter *filter, int may_fork) {
    uint16_t start = when(filter, SYS_clone);
    load_low(filter, 0);
    emit(filter, BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1);
    end(filter, REFUSE);
    if (may_fork) {
        done(filter, start, ALLOW);
    } else {
        uint32_t thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
        emit(filter, BPF_ALU | BPF_AND | BPF_K, thread, 0, 0);
        if_equal(filter, thread, ALLOW);
        done(filter, start, REFUSE);
    }
    /* Its flags lie in memory, which a filter cannot read; libc then uses clone. */
    if_equal(filter, SYS_clone3, UNKNOWN);
}

static void check_files(filter *filter) {
    static const uint32_t controls[] = {TCGETS, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TIOCGWINSZ};
    /* Not those that send signals (F_SETOWN, F_SETSIG, F_NOTIFY, F_SETLEASE) or grow a pipe. */
    static const uint32_t commands[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK,
                                        F_SETLKW, 36, 37, 38 /* F_OFD_... */, F_GETPIPE_SZ, F_GET_SEALS};
    /* Where the mode of a new file is: a file may not be made to run as its owner. */
    static const struct {
        uint32_t number;
        int mode;
    } makers[] = {
        {SYS_openat, 3}, {SYS_mkdirat, 2}, {SYS_fchmod, 1},
#if defined(__x86_64__)
        {SYS_open, 2}, {SYS_creat, 1}, {SYS_mkdir, 1},
#endif
    };
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        uint16_t start = when(filter, makers[i].number);
        load_low(filter, makers[i].mode);
        emit(filter, BPF_JMP | BPF_JSET | BPF_K, 07000, 0, 1);
        end(filter, REFUSE);
        done(filter, start, ALLOW);
    }
    /* Its flags and mode lie in memory. */
    if_equal(filter, SYS_openat2, UNKNOWN);
    WHEN_AMONG(filter, SYS_ioctl, 1, controls);
    WHEN_AMONG(filter, SYS_fcntl, 1, commands);
}

/* Of an open file, not of a path: Landlock has no right for times. */
static void check_times(filter *filter) {
    uint16_t start = when(filter, SYS_utimensat);
    load_low(filter, 1);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    end(filter, REFUSE);
    load_high(filter, 1);
    if_equal(filter, 0, ALLOW);
    done(filter, start, REFUSE);
}

/* Its own name, and what cannot be taken back. Not the death signal, not the capabilities. */
static void check_prctl(filter *filter, int may_fork) {
    static const uint32_t operations[] = {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, 0x53564d41 /* PR_SET_VMA */,
                                          PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, PR_SET_TIMERSLACK, PR_GET_SECCOMP,
                                          PR_CAPBSET_READ};
    uint16_t start = when(filter, SYS_prctl);
    load_low(filter, 0);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) if_equal(filter, operations[i], ALLOW);
    if (may_fork) if_equal(filter, PR_SET_PDEATHSIG, ALLOW);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, PR_SET_DUMPABLE, 1, 0);
    end(filter, REFUSE);
    load_low(filter, 1);
    if_equal(filter, 0, ALLOW);
    done(filter, start, REFUSE);
}

/* Reading its own limits; a program may lower them for its children. */
static void check_limits(filter *filter, int may_fork) {
    uint16_t start = when(filter, SYS_prlimit64);
    load_low(filter, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    end(filter, REFUSE);
    if (may_fork) return done(filter, start, ALLOW);
    load_low(filter, 2);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    end(filter, REFUSE);
    load_high(filter, 2);
    if_equal(filter, 0, ALLOW);
    done(filter, start, REFUSE);
}

/* Of itself, which is number 0; of another process the answer would be news. */
static void check_asking(filter *filter) {
    static const uint16_t calls[] = {SYS_get_robust_list, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_getattr,
                                     SYS_sched_rr_get_interval};
    static const uint32_t itself[] = {0};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) WHEN_AMONG(filter, calls[i], 0, itself);
    WHEN_AMONG(filter, SYS_getpriority, 1, itself);
}

/* A filter may be added, and only tightens; without a listener, which would let it judge its own calls. */
static void check_seccomp(filter *filter) {
    uint16_t start = when(filter, SYS_seccomp);
    load_low(filter, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_SET_MODE_FILTER, 1, 0);
    end(filter, REFUSE);
    load_low(filter, 1);
    emit(filter, BPF_JMP | BPF_JSET | BPF_K, ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC, 0, 1);
    end(filter, REFUSE);
    done(filter, start, ALLOW);
}

/* MSG_FASTOPEN connects a socket. */
static void check_sending(filter *filter) {
    static const struct {
        uint32_t number;
        int flags;
    } calls[] = {{SYS_sendto, 3}, {SYS_sendmsg, 2}};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        uint16_t start = when(filter, calls[i].number);
        load_low(filter, calls[i].flags);
        emit(filter, BPF_JMP | BPF_JSET | BPF_K, MSG_FASTOPEN, 0, 1);
        end(filter, REFUSE);
        done(filter, start, ALLOW);
    }
}

/* What a client does to a connected socket it was given: timeouts, keep-alive, no delay. */
static void check_options(filter *filter) {
    static const uint32_t socket_options[] = {SO_RCVTIMEO, SO_SNDTIMEO, SO_KEEPALIVE};
    static const uint32_t tcp_options[] = {TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT};
    uint16_t start = when(filter, SYS_setsockopt);
    load_low(filter, 1);
    size_t count = sizeof socket_options / sizeof socket_options[0];
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, SOL_SOCKET, 0, (uint8_t)(2 + 2 * count));
    load_low(filter, 2);
    for (size_t i = 0; i < count; i++) if_equal(filter, socket_options[i], ALLOW);
    end(filter, REFUSE);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 1, 0);
    end(filter, REFUSE);
    load_low(filter, 2);
    for (size_t i = 0; i < sizeof tcp_options / sizeof tcp_options[0]; i++) if_equal(filter, tcp_options[i], ALLOW);
    done(filter, start, REFUSE);
}

static void check_sockets(filter *filter, uint32_t profile) {
    static const uint32_t local[] = {AF_UNIX};
    static const uint32_t families[] = {AF_INET, AF_INET6, AF_UNIX};
    WHEN_AMONG(filter, SYS_socketpair, 0, local);
    if (profile != CORRAL_SPAWNER_BROKER) return;
    uint16_t start = when(filter, SYS_socket);
    load_low(filter, 0);
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        /* No raw packets. */
        emit(filter, BPF_JMP | BPF_JEQ | BPF_K, families[i], 0, 5);
        load_low(filter, 1);
        emit(filter, BPF_ALU | BPF_AND | BPF_K, 0xf, 0, 0);
        if_equal(filter, SOCK_RAW, REFUSE);
        end(filter, ALLOW);
    }
    /* How getaddrinfo learns which addresses this machine has. */
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0);
    end(filter, REFUSE);
    load_low(filter, 2);
    if_equal(filter, NETLINK_ROUTE, ALLOW);
    done(filter, start, REFUSE);
}

static void compile(filter *filter, uint32_t profile, uint32_t level) {
    int may_fork = profile == CORRAL_SPAWNER_PROGRAM;
    load(filter, offsetof(struct seccomp_data, arch));
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    end(filter, KILL);
    load(filter, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    emit(filter, BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1);
    end(filter, KILL);
#endif
    emit(filter, BPF_JMP | BPF_JGT | BPF_K, NEWEST_KNOWN, 0, 1);
    end(filter, UNKNOWN);
    check_clone(filter, may_fork);
    check_files(filter);
    check_prctl(filter, may_fork);
    check_limits(filter, may_fork);
    check_asking(filter);
    check_seccomp(filter);
    check_sending(filter);
    check_sockets(filter, profile);
    if (profile == CORRAL_SPAWNER_BROKER) EACH(filter, allowed_to_brokers, ALLOW);
    else check_options(filter);
    if (may_fork) EACH(filter, allowed_to_programs, ALLOW);
    if (may_fork && level == CORRAL_SPAWNER_STRICT) EACH(filter, allowed_behind_mounts, ALLOW);
    check_times(filter);
    EACH(filter, killed, KILL);
    EACH(filter, allowed, ALLOW);
    end(filter, REFUSE);
}

void compile_filters(void) {
    for (uint32_t profile = CORRAL_SPAWNER_WORKER; profile <= CORRAL_SPAWNER_BROKER; profile++)
        for (uint32_t level = CORRAL_SPAWNER_MODERATE; level <= CORRAL_SPAWNER_STRICT; level++) {
            filter *filter = &filters[index_of(profile, level)];
            filter->length = 0;
            compile(filter, profile, level);
        }
}

int install_filter(uint32_t profile, uint32_t level) {
    filter *filter = &filters[index_of(profile, level)];
    struct sock_fprog program = {filter->length, filter->code};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0L, &program);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * system.c: what administers a machine: modules, swap, clocks, the log, ports. Where the right is there, an argument that
 * cannot be obeyed keeps the machine as it is.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#define NOWHERE "/corral-breakout-nowhere"

/* The capability is checked before the flags, which are none the kernel knows. */
static breakout_result kexec(void) { return reached(syscall(SYS_kexec_load, 0, 0, NULL, ~0ul), "kexec_load"); }
static breakout_result kexec_file(void) {
    return reached(syscall(SYS_kexec_file_load, -1, -1, 0, NULL, ~0ul), "kexec_file_load");
}

static breakout_result inserts(void) { return reached(syscall(SYS_init_module, NULL, 0, ""), "init_module"); }
static breakout_result inserts_file(void) { return reached(syscall(SYS_finit_module, -1, "", 0), "finit_module"); }
static breakout_result removes(void) { return reached(syscall(SYS_delete_module, "corral_none", O_NONBLOCK), "delete_module"); }
/* Without the two magic numbers it reboots nothing. */
static breakout_result reboots(void) { return reached(syscall(SYS_reboot, 1, 2, 3, NULL), "reboot"); }
static breakout_result swaps_on(void) { return reached(syscall(SYS_swapon, NOWHERE, 0), "swapon"); }
static breakout_result swaps_off(void) { return reached(syscall(SYS_swapoff, NOWHERE), "swapoff"); }
static breakout_result accounts(void) { return reached(syscall(SYS_acct, NOWHERE), "acct"); }
static breakout_result quotas(void) {
    return reached(syscall(SYS_quotactl, QCMD(Q_GETINFO, USRQUOTA), NOWHERE, 0, NULL), "quotactl");
}

/* 10 = SYSLOG_ACTION_SIZE_BUFFER, 3 = SYSLOG_ACTION_READ_ALL: neither changes the log. */
static breakout_result log_size(void) { return reached(syscall(SYS_syslog, 10, NULL, 0), "syslog(size)"); }
static breakout_result log_read(void) {
    char line[128];
    return reached(syscall(SYS_syslog, 3, line, sizeof line), "syslog(read)");
}

/* Clocks: reading by these calls is harmless, and already more than a plugin may. Setting gets a time that cannot be. */
static breakout_result adjusts(void) {
    struct timex state = {.modes = 0};
    return reached(syscall(SYS_adjtimex, &state), "adjtimex");
}

static breakout_result adjusts_clock(void) {
    struct timex state = {.modes = 0};
    return reached(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &state), "clock_adjtime");
}

static breakout_result sets_clock(void) { return reached(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL), "clock_settime"); }
static breakout_result sets_time(void) {
    struct timeval never = {0, -1};
    return reached(syscall(SYS_settimeofday, &never, NULL), "settimeofday");
}

static breakout_result unshuffles(void) {
    long before = syscall(SYS_personality, 0xffffffff);
    if (before < 0) return reached(before, "personality(query)");
    long returned = syscall(SYS_personality, before | ADDR_NO_RANDOMIZE);
    breakout_result result = reached(returned, "personality(ADDR_NO_RANDOMIZE)");
    if (returned >= 0) syscall(SYS_personality, before);
    return result;
}

static breakout_result rewrites_map(void) {
    return reached(prctl(PR_SET_MM, 99, 0, 0, 0), "prctl(SET_MM)");
}

static breakout_result dispatches(void) {
    /* Off: nothing changes. */
    return reached(prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0), "prctl(SET_SYSCALL_USER_DISPATCH)");
}

static breakout_result speculates(void) {
    return reached(prctl(PR_GET_SPECULATION_CTRL, 0, 0, 0, 0), "prctl(GET_SPECULATION_CTRL)");
}

static breakout_result modules(void) {
    uint64_t list[8];
    uint32_t size = sizeof list;
    return reached(syscall(461, list, &size, 0), "lsm_list_modules");
}

#if defined(__x86_64__)
#include <asm/ldt.h>

static breakout_result ports(void) {
    long returned = syscall(SYS_iopl, 3);
    breakout_result result = reached(returned, "iopl");
    if (returned == 0) syscall(SYS_iopl, 0);
    return result;
}

static breakout_result port_range(void) { return reached(syscall(SYS_ioperm, 0x80, 1, 0), "ioperm"); }

static breakout_result descriptor_table(void) {
    char table[16];
    return reached(syscall(SYS_modify_ldt, 0, table, sizeof table), "modify_ldt");
}

static breakout_result file_systems(void) { return reached(syscall(SYS_sysfs, 3), "sysfs"); }
static breakout_result statistics(void) {
    char buffer[64];
    return reached(syscall(SYS_ustat, 0, buffer), "ustat");
}

/* 20 is getpid of the 32-bit table. A filter that looks at numbers alone mistakes it for writev. */
static breakout_result old_gate(void) {
    long answer;
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20) : "r8", "r9", "r10", "r11", "memory");
    return answer == getpid() ? escaped("a 32-bit system call was obeyed")
                              : blocked("a 32-bit system call: %s", error_name((int)-answer));
}

/* The x32 bit: the same table, by other numbers. */
static breakout_result x32(void) { return succeeded(syscall(0x40000000 | SYS_getpid), "an x32 system call"); }
#else
static breakout_result not_here(void) { return skipped("this processor has no such thing"); }
#define ports not_here
#define port_range not_here
#define descriptor_table not_here
#define file_systems not_here
#define statistics not_here
#define old_gate not_here
#define x32 not_here
#endif

const breakout_attempt system_attempts[] = {
    {"kexec-load", "load another kernel", kexec, 0},
    {"kexec-file-load", "load another kernel from a file", kexec_file, 0},
    {"init-module", "insert a kernel module", inserts, 0},
    {"finit-module", "insert a kernel module from a file", inserts_file, 0},
    {"delete-module", "remove a kernel module", removes, 0},
    {"reboot", "reboot the machine", reboots, 0},
    {"swapon", "add swap", swaps_on, 0},
    {"swapoff", "take swap away", swaps_off, 0},
    {"acct", "log every process that ends", accounts, 0},
    {"quotactl", "ask for quotas", quotas, 0},
    {"syslog-size", "ask for the kernel log", log_size, 0},
    {"syslog-read", "read the kernel log", log_read, 0},
    {"adjtimex", "tune the clock", adjusts, 0},
    {"clock-adjtime", "tune one clock", adjusts_clock, 0},
    {"clock-settime", "set the clock", sets_clock, 0},
    {"settimeofday", "set the time", sets_time, 0},
    {"personality", "switch address randomisation off", unshuffles, 0},
    {"prctl-mm", "rewrite the own memory map", rewrites_map, 0},
    {"prctl-dispatch", "intercept own system calls", dispatches, 0},
    {"prctl-speculation", "ask for speculation controls", speculates, 0},
    {"lsm-list", "list the security modules", modules, 0},
    {"iopl", "use every I/O port", ports, 0},
    {"ioperm", "use an I/O port", port_range, 0},
    {"modify-ldt", "read the local descriptor table", descriptor_table, 0},
    {"sysfs-call", "list file systems by an old call", file_systems, 0},
    {"ustat", "ask for a device by an old call", statistics, 0},
    {"ia32", "make 32-bit system calls", old_gate, BREAKOUT_DIES_OF_FAULT},
    {"x32", "make x32 system calls", x32, 0},
    END_OF_ATTEMPTS,
};

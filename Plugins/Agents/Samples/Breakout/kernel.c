/* SPDX-License-Identifier: Apache-2.0
 *
 * kernel.c: the parts of the kernel that exploits are made of, and that a plugin has no business with. What counts is
 * whether the call is reached at all: a refusal for its arguments is no protection.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <linux/bpf.h>
#include <linux/fanotify.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static breakout_result closes(long descriptor, const char *what) {
    breakout_result result = reached(descriptor, what);
    if (descriptor >= 0) close((int)descriptor);
    return result;
}

/* Other processes, from outside. */

static breakout_result is_traced(void) { return reached(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), "ptrace(TRACEME)"); }

/* Seizing does not stop the other, and the kernel lets it go with our end. */
static breakout_result seizes(int pid, const char *what) {
    long returned = syscall(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0);
    breakout_result result = reached(returned, what);
    if (returned == 0) syscall(SYS_ptrace, PTRACE_DETACH, pid, 0, 0);
    return result;
}

static breakout_result seizes_host(void) { return seizes(aim->host_pid, "ptrace(SEIZE the host)"); }
static breakout_result seizes_neighbour(void) { return seizes(aim->neighbour_pid, "ptrace(SEIZE a neighbour)"); }
static breakout_result seizes_parent(void) { return seizes(getppid(), "ptrace(SEIZE the parent)"); }

static breakout_result reads_memory(void) {
    char bytes[16];
    struct iovec own = {bytes, sizeof bytes}, other = {(void *)breakout_first_group(), sizeof bytes};
    return reached(syscall(SYS_process_vm_readv, aim->host_pid, &own, 1, &other, 1, 0), "process_vm_readv(the host)");
}

static breakout_result writes_memory(void) {
    /* To an address that is mapped nowhere. */
    char bytes[16] = "";
    struct iovec own = {bytes, sizeof bytes}, other = {(void *)16, sizeof bytes};
    return reached(syscall(SYS_process_vm_writev, aim->host_pid, &own, 1, &other, 1, 0), "process_vm_writev(the host)");
}

static breakout_result takes_descriptor(void) {
    long process = syscall(SYS_pidfd_open, aim->host_pid, 0);
    breakout_result result = closes(syscall(SYS_pidfd_getfd, process, 0, 0), "pidfd_getfd(the host)");
    if (process >= 0) close((int)process);
    return result;
}

static breakout_result advises(void) {
    char byte;
    struct iovec range = {&byte, 1};
    return reached(syscall(SYS_process_madvise, -1, &range, 1, 20, 0), "process_madvise");
}

static breakout_result compares(void) {
    return reached(syscall(SYS_kcmp, getpid(), aim->host_pid, 1, 0, 0), "kcmp(with the host)");
}

/* Programs and buffers inside the kernel. */

static breakout_result makes_map(void) {
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return closes(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes), "bpf(MAP_CREATE)");
}

static breakout_result loads_program(void) {
    struct bpf_insn code[] = {{.code = BPF_ALU64 | 0xb0}, {.code = BPF_JMP | 0x90}};
    union bpf_attr attributes = {
        .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2, .insns = (uintptr_t)code, .license = (uintptr_t) "GPL"};
    return closes(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes), "bpf(PROG_LOAD)");
}

static breakout_result measures(int excludes_kernel, const char *what) {
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_TASK_CLOCK, .disabled = 1,
        .exclude_kernel = excludes_kernel, .exclude_hv = 1};
    return closes(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0), what);
}

static breakout_result measures_user(void) { return measures(1, "perf_event_open(user)"); }
static breakout_result measures_kernel(void) { return measures(0, "perf_event_open(kernel)"); }

/* 1 = UFFD_USER_MODE_ONLY, which needs no right. */
static breakout_result faults(void) { return closes(syscall(SYS_userfaultfd, 1), "userfaultfd"); }

static breakout_result ring(void) {
    struct io_uring_params parameters = {0};
    return closes(syscall(SYS_io_uring_setup, 1, &parameters), "io_uring_setup");
}

static breakout_result enters_ring(void) { return reached(syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0), "io_uring_enter"); }
static breakout_result registers_ring(void) { return reached(syscall(SYS_io_uring_register, -1, 0, NULL, 0), "io_uring_register"); }

static breakout_result keyring(void) {
    return reached(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0), "keyctl(session keyring)");
}

static breakout_result joins_session(void) {
    return reached(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL), "keyctl(join a session keyring)");
}

static breakout_result adds_key(void) {
    return reached(syscall(SYS_add_key, "user", "corral-breakout", "x", 1, KEY_SPEC_PROCESS_KEYRING), "add_key");
}

static breakout_result requests_key(void) {
    return reached(syscall(SYS_request_key, "user", "corral-breakout-none", NULL, 0), "request_key");
}

/* Filters of one's own. */

static long install_filter(unsigned flags) {
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static breakout_result adds_filter(void) { return reached(install_filter(0), "seccomp(another filter)"); }
static breakout_result adds_listener(void) {
    return closes(install_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER), "seccomp(a filter with a listener)");
}

static breakout_result adds_ruleset(void) {
    struct landlock_ruleset_attr attributes = {.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE};
    return closes(
        syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0), "landlock_create_ruleset");
}

static breakout_result watches_files(void) {
    return closes(syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC, O_RDONLY), "fanotify_init");
}

/* Files by number: how "shocker" left Docker in 2014. */
static breakout_result names_handle(void) {
    struct {
        struct file_handle handle;
        unsigned char bytes[128];
    } handle = {.handle.handle_bytes = 128};
    int mount;
    return reached(syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &handle, &mount, 0), "name_to_handle_at");
}

static breakout_result opens_handle(void) {
    struct {
        struct file_handle handle;
        unsigned char bytes[128];
    } handle = {.handle = {8, 1}};
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    breakout_result result = closes(syscall(SYS_open_by_handle_at, root, &handle, O_RDONLY), "open_by_handle_at");
    if (root >= 0) close(root);
    return result;
}

const breakout_attempt kernel_attempts[] = {
    {"ptrace-traceme", "be traced by the parent", is_traced, 0},
    {"ptrace-host", "trace the host", seizes_host, 0},
    {"ptrace-neighbour", "trace another tenant's worker", seizes_neighbour, 0},
    {"ptrace-parent", "trace the parent", seizes_parent, 0},
    {"process-vm-readv", "read the host's memory", reads_memory, 0},
    {"process-vm-writev", "write the host's memory", writes_memory, 0},
    {"pidfd-getfd", "take a descriptor of the host's", takes_descriptor, 0},
    {"process-madvise", "advise on another process's memory", advises, 0},
    {"kcmp", "compare kernel objects with the host's", compares, 0},
    {"bpf-map", "make a BPF map", makes_map, 0},
    {"bpf-program", "load a BPF program", loads_program, 0},
    {"perf-user", "measure user code", measures_user, 0},
    {"perf-kernel", "measure the kernel", measures_kernel, 0},
    {"userfaultfd", "handle page faults (the stop clock of kernel exploits)", faults, 0},
    {"io-uring-setup", "open a ring, with system calls no filter sees", ring, 0},
    {"io-uring-enter", "submit to a ring", enters_ring, 0},
    {"io-uring-register", "register with a ring", registers_ring, 0},
    {"keyctl-session", "find the host's session keyring", keyring, 0},
    {"keyctl-join", "join a keyring (CVE-2016-0728)", joins_session, 0},
    {"add-key", "put a key into a keyring", adds_key, 0},
    {"request-key", "ask for a key of the host's user", requests_key, 0},
    {"seccomp-filter", "install a filter of one's own", adds_filter, 0},
    {"seccomp-listener", "answer system calls oneself", adds_listener, 0},
    {"landlock-ruleset", "make a Landlock rule set", adds_ruleset, 0},
    {"fanotify", "watch whole file systems", watches_files, 0},
    {"name-to-handle", "learn the number of /", names_handle, 0},
    {"open-by-handle", "open a file by number (shocker)", opens_handle, 0},
    END_OF_ATTEMPTS,
};

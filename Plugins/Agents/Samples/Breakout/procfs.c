/* SPDX-License-Identifier: Apache-2.0
 *
 * procfs.c: /proc and /sys, which show other processes and turn the kernel's knobs. Knobs are opened to write, and never
 * written to.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <dirent.h>

static const char *of(int pid, const char *name) {
    static char path[300];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return path;
}

static breakout_result environment(void) { return opens(of(aim->host_pid, "environ"), O_RDONLY); }
static breakout_result memory(void) { return opens(of(aim->host_pid, "mem"), O_RDONLY); }
static breakout_result map(void) { return opens(of(aim->host_pid, "maps"), O_RDONLY); }
static breakout_result command(void) { return opens(of(aim->host_pid, "cmdline"), O_RDONLY); }
static breakout_result neighbour_memory(void) { return opens(of(aim->neighbour_pid, "mem"), O_RDWR); }

static breakout_result descriptors(void) {
    DIR *folder = opendir(of(aim->host_pid, "fd"));
    if (folder == NULL) return blocked("opendir /proc/host/fd: %s", error_name(errno));
    closedir(folder);
    return escaped("listed the host's descriptors");
}

static breakout_result root_of(int pid) {
    char path[400];
    snprintf(path, sizeof path, "/proc/%d/root%s", pid, aim->secret);
    return reads_token(path);
}

static breakout_result host_root(void) { return root_of(aim->host_pid); }
static breakout_result first_root(void) { return root_of(1); }

static breakout_result host_folder(void) {
    DIR *folder = opendir(of(aim->host_pid, "cwd/"));
    if (folder == NULL) return blocked("opendir /proc/host/cwd: %s", error_name(errno));
    closedir(folder);
    return escaped("entered the host's working folder");
}

/* Any process but this one, its parent's name for it included. */
static breakout_result others(void) {
    DIR *folder = opendir("/proc");
    if (folder == NULL) return blocked("opendir /proc: %s", error_name(errno));
    int found = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        int pid = atoi(entry->d_name);
        if (pid > 0 && pid != getpid()) found++;
    }
    closedir(folder);
    return found > 0 ? escaped("saw %d other processes", found) : blocked("saw no other process");
}

static breakout_result symbols(void) {
    char line[64] = "";
    int descriptor = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return blocked("open /proc/kallsyms: %s", error_name(errno));
    ssize_t size = read(descriptor, line, sizeof line - 1);
    close(descriptor);
    if (size <= 0) return blocked("read /proc/kallsyms: %s", error_name(errno));
    return strtoull(line, NULL, 16) != 0 ? escaped("read kernel addresses") : blocked("kernel addresses are hidden");
}

static breakout_result core(void) { return opens("/proc/kcore", O_RDONLY); }
static breakout_result version(void) { return opens("/proc/version", O_RDONLY); }
static breakout_result boot(void) { return opens("/proc/cmdline", O_RDONLY); }
static breakout_result mounts(void) { return opens("/proc/self/mountinfo", O_RDONLY); }
static breakout_result sockets(void) { return opens("/proc/net/tcp", O_RDONLY); }
static breakout_result keys(void) { return opens("/proc/keys", O_RDONLY); }
static breakout_result trigger(void) { return opens("/proc/sysrq-trigger", O_WRONLY); }
static breakout_result core_pattern(void) { return opens("/proc/sys/kernel/core_pattern", O_WRONLY); }
static breakout_result module_helper(void) { return opens("/proc/sys/kernel/modprobe", O_WRONLY); }
static breakout_result formats(void) { return opens("/proc/sys/fs/binfmt_misc/register", O_WRONLY); }
static breakout_result knob(void) { return opens("/proc/sys/kernel/randomize_va_space", O_RDONLY); }

static breakout_result own_map(void) { return opens("/proc/self/uid_map", O_WRONLY); }
static breakout_result own_score(void) { return opens("/proc/self/oom_score_adj", O_WRONLY); }

static breakout_result cgroup_agent(void) {
    static const char *const paths[] = {
        "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/pids/release_agent",
        "/sys/fs/cgroup/rdma/release_agent"};
    breakout_result result = blocked("there is no cgroup tree");
    for (size_t i = 0; i < COUNT_OF(paths) && result.outcome == BREAKOUT_BLOCKED; i++)
        result = opens(paths[i], O_WRONLY);
    return result;
}

static breakout_result cgroup_move(void) {
    static const char *const paths[] = {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/pids/cgroup.procs"};
    breakout_result result = blocked("there is no cgroup tree");
    for (size_t i = 0; i < COUNT_OF(paths) && result.outcome == BREAKOUT_BLOCKED; i++)
        result = opens(paths[i], O_WRONLY);
    return result;
}

static breakout_result devices(void) {
    DIR *folder = opendir("/sys/class/net");
    if (folder == NULL) return blocked("opendir /sys/class/net: %s", error_name(errno));
    closedir(folder);
    return escaped("listed the machine's network interfaces");
}

static breakout_result hardware(void) {
    struct stat status;
    if (stat("/sys/devices", &status) != 0) return blocked("stat /sys/devices: %s", error_name(errno));
    return escaped("saw /sys");
}

static breakout_result tracing(void) { return opens("/sys/kernel/tracing/trace_pipe", O_RDONLY); }
static breakout_result helper(void) { return opens("/sys/kernel/uevent_helper", O_WRONLY); }

const breakout_attempt procfs_attempts[] = {
    {"proc-environ", "read the host's environment", environment, 0},
    {"proc-mem", "open the host's memory", memory, 0},
    {"proc-maps", "read the host's memory map", map, 0},
    {"proc-cmdline", "read the host's arguments", command, 0},
    {"proc-neighbour-mem", "open another tenant's memory", neighbour_memory, 0},
    {"proc-fd", "list the host's descriptors", descriptors, 0},
    {"proc-root", "read the secret through the host's root", host_root, 0},
    {"proc-first-root", "read the secret through the root of pid 1", first_root, 0},
    {"proc-cwd", "enter the host's working folder", host_folder, 0},
    {"proc-others", "see other processes", others, 0},
    {"proc-kallsyms", "read kernel addresses", symbols, 0},
    {"proc-kcore", "read the kernel's memory", core, 0},
    {"proc-version", "read the kernel's version file", version, 0},
    {"proc-boot", "read the kernel's arguments", boot, 0},
    {"proc-mounts", "read what is mounted where", mounts, 0},
    {"proc-net", "list the machine's sockets", sockets, 0},
    {"proc-keys", "list keys", keys, 0},
    {"proc-sysrq", "pull the emergency brake", trigger, 0},
    {"proc-core-pattern", "choose what runs at a crash", core_pattern, 0},
    {"proc-modprobe", "choose what loads modules", module_helper, 0},
    {"proc-binfmt", "register a program format", formats, 0},
    {"proc-sysctl", "read a kernel setting", knob, 0},
    {"proc-uid-map", "write the uid map", own_map, 0},
    {"proc-oom-score", "be spared when memory runs out", own_score, 0},
    {"cgroup-release-agent", "have the kernel run a program (CVE-2022-0492)", cgroup_agent, 0},
    {"cgroup-leave", "leave the cgroup", cgroup_move, 0},
    {"sys-net", "list network interfaces", devices, 0},
    {"sys-devices", "see the machine's hardware", hardware, 0},
    {"sys-tracing", "read kernel traces", tracing, 0},
    {"sys-uevent-helper", "choose what runs for a device", helper, 0},
    END_OF_ATTEMPTS,
};

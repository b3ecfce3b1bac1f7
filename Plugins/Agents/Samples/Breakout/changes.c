/* SPDX-License-Identifier: Apache-2.0
 *
 * changes.c: changing what is not the worker's. The harness prepared the folder, so that nothing is lost; each attempt puts
 * back what it changed.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <dlfcn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <linux/fs.h>

static const char *in_folder(const char *name) {
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", aim->folder, name);
    return path;
}

static breakout_result creates_at(const char *path) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return blocked("create %s: %s", path, error_name(errno));
    close(descriptor);
    unlink(path);
    return escaped("created %s", path);
}

static breakout_result creates(void) {
    return aim->folder[0] == 0 ? skipped("the harness prepared no folder") : creates_at(in_folder("breakout-new"));
}

static breakout_result creates_in_neighbour(void) {
    if (aim->neighbour[0] == 0) return skipped("the harness prepared no other tenant");
    char path[400];
    snprintf(path, sizeof path, "%s/breakout-new", aim->neighbour);
    return creates_at(path);
}

static breakout_result creates_in_home(void) {
    char path[400];
    struct stat database;
    /* Inside, a folder of that name may lie above the plugin's own: the host's is known by what is in it. */
    snprintf(path, sizeof path, "%s/host.db", aim->home);
    if (stat(path, &database) != 0 && errno == ENOENT) return blocked("%s is another folder here", aim->home);
    snprintf(path, sizeof path, "%s/breakout-new", aim->home);
    return creates_at(path);
}

/* A private /tmp takes the file, and the host does not see it: only the shared one is an escape. */
static breakout_result creates_in_tmp(void) {
    if (aim->shared[0] == 0) return skipped("the harness prepared no file in the shared folder");
    if (access(aim->shared, F_OK) != 0) return blocked("/tmp is the worker's own: %s", error_name(errno));
    char path[64];
    snprintf(path, sizeof path, "/tmp/breakout-new-%d", (int)getpid());
    return creates_at(path);
}

static breakout_result creates_in_memory(void) { return creates_at("/dev/shm/breakout-new"); }
static breakout_result creates_in_etc(void) { return creates_at("/etc/breakout-new"); }
static breakout_result creates_in_root(void) { return creates_at("/breakout-new"); }

static breakout_result appends(void) { return opens(aim->secret, O_WRONLY | O_APPEND); }

static breakout_result truncates(void) {
    struct stat status;
    /* To the length it has. */
    if (stat(aim->secret, &status) != 0) return blocked("stat: %s", error_name(errno));
    return succeeded(truncate(aim->secret, status.st_size), "truncate");
}

static breakout_result changes_mode(void) { return succeeded(chmod(aim->secret, 0600), "chmod(a host file)"); }
static breakout_result changes_owner(void) { return succeeded(chown(aim->secret, -1, -1), "chown(a host file)"); }
static breakout_result changes_times(void) {
    struct timespec keep[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    return succeeded(utimensat(AT_FDCWD, aim->secret, keep, 0), "utimensat(a host file)");
}

static breakout_result changes_attribute(void) {
    long returned = setxattr(aim->secret, "user.breakout", "x", 1, 0);
    breakout_result result = succeeded(returned, "setxattr(a host file)");
    if (returned == 0) removexattr(aim->secret, "user.breakout");
    return result;
}

static breakout_result renames(void) {
    char other[400];
    snprintf(other, sizeof other, "%s", in_folder("breakout-renamed"));
    long returned = rename(aim->secret, other);
    breakout_result result = succeeded(returned, "rename(a host file)");
    if (returned == 0 && rename(other, aim->secret) != 0) return escaped("renamed a host file, and could not name it back");
    return result;
}

static breakout_result takes_away(void) {
    /* A name that is not there: the right to the folder is checked first (EACCES), then the name (ENOENT). */
    long returned = unlink(in_folder("sacrifice"));
    return succeeded(returned, "unlink(a host file)");
}

static breakout_result makes_folder(void) {
    long returned = mkdir(in_folder("breakout-folder"), 0700);
    breakout_result result = succeeded(returned, "mkdir(in a host folder)");
    if (returned == 0) rmdir(in_folder("breakout-folder"));
    return result;
}

static breakout_result makes_link(void) {
    long returned = symlink("/etc/shadow", in_folder("breakout-link"));
    breakout_result result = succeeded(returned, "symlink(in a host folder)");
    if (returned == 0) unlink(in_folder("breakout-link"));
    return result;
}

/* A fifo where the host expects a file lets it hang; harmless where the host opens with O_NONBLOCK, which is tested too. */
static breakout_result makes_fifo(void) {
    const char *path = scratch_path("fifo");
    if (path == NULL) return nowhere_to_write();
    unlink(path);
    long returned = syscall(SYS_mknodat, AT_FDCWD, path, S_IFIFO | 0600, 0);
    breakout_result result = succeeded(returned, "mknod(fifo)");
    if (returned == 0) unlink(path);
    return result;
}

static breakout_result makes_socket_file(void) {
    const char *path = scratch_path("socket");
    if (path == NULL) return nowhere_to_write();
    unlink(path);
    long returned = syscall(SYS_mknodat, AT_FDCWD, path, S_IFSOCK | 0600, 0);
    breakout_result result = succeeded(returned, "mknod(socket)");
    if (returned == 0) unlink(path);
    return result;
}

static breakout_result makes_device(unsigned kind, dev_t number, const char *what) {
    const char *path = scratch_path("device");
    if (path == NULL) path = "/dev/breakout-device";
    unlink(path);
    long returned = syscall(SYS_mknodat, AT_FDCWD, path, kind | 0600, number);
    breakout_result result = succeeded(returned, what);
    if (returned == 0) unlink(path);
    return result;
}

static breakout_result makes_disk(void) { return makes_device(S_IFBLK, makedev(8, 0), "mknod(disk)"); }
static breakout_result makes_memory(void) { return makes_device(S_IFCHR, makedev(1, 1), "mknod(/dev/mem)"); }

/* The programs everybody runs. */

static breakout_result writes_library(void) {
    Dl_info info;
    if (dladdr((void *)(uintptr_t)&strlen, &info) == 0 || info.dli_fname == NULL) return skipped("libc is not found");
    return opens(info.dli_fname, O_WRONLY);
}

static breakout_result writes_plugin(void) {
    Dl_info info;
    if (dladdr((void *)(uintptr_t)&breakout_run, &info) == 0 || info.dli_fname == NULL) return skipped("no own library");
    int descriptor = open(info.dli_fname, O_WRONLY | O_CLOEXEC);
    /* ETXTBSY: it may be written, only not while it runs. */
    if (descriptor < 0 && errno == ETXTBSY) return escaped("only its running protects %s", info.dli_fname);
    return opened(descriptor, "open the own library to write");
}

static breakout_result writes_program(void) {
    int descriptor = open("/proc/self/exe", O_WRONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ETXTBSY) return escaped("only its running protects the worker program");
    return opened(descriptor, "open the worker program to write");
}

static breakout_result sets_flags(void) {
    int descriptor = open("/", O_RDONLY | O_CLOEXEC), flags = 0;
    if (descriptor < 0) descriptor = 0;
    breakout_result result = reached(ioctl(descriptor, FS_IOC_GETFLAGS, &flags), "ioctl(FS_IOC_GETFLAGS)");
    if (descriptor > 0) close(descriptor);
    return result;
}

static breakout_result leases(void) {
    int descriptor = scratch_file("lease", 0600);
    if (descriptor < 0) return nowhere_to_write();
    close(descriptor);
    descriptor = open(scratch_path("lease"), O_RDONLY | O_CLOEXEC);
    /* A lease makes whoever opens the file wait for its holder. */
    breakout_result result = succeeded(fcntl(descriptor, F_SETLEASE, F_RDLCK), "fcntl(F_SETLEASE)");
    close(descriptor);
    unlink(scratch_path("lease"));
    return result;
}

const breakout_attempt change_attempts[] = {
    {"create-in-folder", "make a file in a host folder", creates, 0},
    {"create-in-neighbour", "make a file in another tenant's folder", creates_in_neighbour, 0},
    {"create-in-home", "make a file in the host's home", creates_in_home, 0},
    {"create-in-tmp", "make a file in the shared /tmp", creates_in_tmp, 0},
    {"create-in-shm", "make a file in the shared /dev/shm", creates_in_memory, 0},
    {"create-in-etc", "make a file in /etc", creates_in_etc, 0},
    {"create-in-root", "make a file in /", creates_in_root, 0},
    {"append-host-file", "write to a host file", appends, 0},
    {"truncate-host-file", "cut a host file", truncates, 0},
    {"chmod-host-file", "change the mode of a host file", changes_mode, 0},
    {"chown-host-file", "change the owner of a host file", changes_owner, 0},
    {"utimes-host-file", "change the times of a host file", changes_times, 0},
    {"setxattr-host-file", "put an attribute on a host file", changes_attribute, 0},
    {"rename-host-file", "rename a host file", renames, 0},
    {"unlink-host-file", "remove a host file", takes_away, 0},
    {"mkdir-host-folder", "make a folder in a host folder", makes_folder, 0},
    {"symlink-host-folder", "put a link into a host folder", makes_link, 0},
    {"fifo", "leave a fifo for the host to hang on", makes_fifo, 0},
    {"socket-file", "leave a socket behind", makes_socket_file, 0},
    {"mknod-disk", "make the device of a disk", makes_disk, 0},
    {"mknod-memory", "make the device of memory", makes_memory, 0},
    {"write-libc", "write to the C library", writes_library, 0},
    {"write-plugin", "write to the own library, for the next load", writes_plugin, 0},
    {"write-worker", "write to the worker program (CVE-2019-5736)", writes_program, 0},
    {"file-flags", "ask for the flags of a file", sets_flags, 0},
    {"lease", "take a lease that others wait for", leases, 0},
    END_OF_ATTEMPTS,
};

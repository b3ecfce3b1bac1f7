/* SPDX-License-Identifier: Apache-2.0
 *
 * mounts.c: the root of a strict process: a tmpfs with the launch's folders in it, each at the path it has outside, and
 * nothing else. There is no /proc and no /sys; a process that was given no writable folder can write /tmp alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spawner.h"

/* <sys/mount.h> and <linux/mount.h> cannot both be included in glibc before 2.37. */
extern int mount(const char *, const char *, const char *, unsigned long, const void *);
extern int umount2(const char *, int);
#ifndef MS_REC
#define MS_NOSUID 2ul
#define MS_NODEV 4ul
#define MS_NOEXEC 8ul
#define MS_REC 16384ul
#define MS_PRIVATE (1ul << 18)
#endif
#define DETACH 2
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

/* Any folder that is there on every machine: the new root covers it for the short time until the process moves in. */
#define PLACE "/usr"
/* Folders have no pages; /etc/passwd and /etc/group are the only files. One folder takes one of them. */
#define ROOT_OPTIONS "mode=0755,size=64k,nr_inodes=8192"

static uint64_t attributes(char kind) {
    switch (kind) {
    case CORRAL_SPAWNER_WRITE: return MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    case CORRAL_SPAWNER_DEVICE: return MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
    /* Not noexec: that would forbid mapping a library's code. */
    default: return MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY;
    }
}

/* A detached copy of the folder's mount with the attributes of its kind, or -1. */
int open_tree_of(const char *folder) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
    /* What a plugin has written to must be the folder itself: a link in its place could lead anywhere. */
    if (folder[0] == CORRAL_SPAWNER_WRITE) flags |= AT_SYMLINK_NOFOLLOW;
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, folder + 1, flags);
    if (tree < 0) return -1;
    struct mount_attr attribute = {.attr_set = attributes(folder[0])};
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attribute, sizeof attribute) == 0)
        return tree;
    int number = errno;
    close(tree);
    errno = number;
    return -1;
}

/* The folders above `path`, which begins with '/', relative to the working folder. Those that exist stay as they are:
 * one may lie in a folder that is mounted already. */
static int make_folders(const char *path, char *relative, size_t size) {
    if ((size_t)snprintf(relative, size, ".%s", path) >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (char *slash = strchr(relative + 2, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int status = mkdir(relative, 0755);
        *slash = '/';
        if (status != 0 && errno != EEXIST) return -1;
    }
    return 0;
}

static int make_target(int tree, const char *relative) {
    struct stat source;
    if (fstat(tree, &source) != 0) return -1;
    int status = S_ISDIR(source.st_mode) ? mkdir(relative, 0755) : mknod(relative, S_IFREG | 0444, 0);
    return status != 0 && errno != EEXIST ? -1 : 0;
}

/* `text` is path:target. */
static int make_link(char *text, char *relative, size_t size) {
    char *colon = strrchr(text, ':');
    if (colon == NULL) {
        errno = EINVAL;
        return -1;
    }
    *colon = 0;
    if (make_folders(text, relative, size) != 0) return -1;
    return symlink(colon + 1, relative) != 0 && errno != EEXIST ? -1 : 0;
}

static void attach(launch *launch, uint32_t index, int report) {
    char *folder = launch->folders[index];
    char relative[4200];
    int tree = launch->trees[index];
    if (folder[0] == CORRAL_SPAWNER_LINK) {
        if (make_link(folder + 1, relative, sizeof relative) != 0)
            fail(report, CORRAL_SPAWNER_STEP_MOUNT, folder + 1);
        return;
    }
    if (make_folders(folder + 1, relative, sizeof relative) != 0 || make_target(tree, relative) != 0 ||
        syscall(SYS_move_mount, tree, "", AT_FDCWD, relative, MOVE_MOUNT_F_EMPTY_PATH) != 0)
        fail(report, CORRAL_SPAWNER_STEP_MOUNT, folder + 1);
    close(tree);
}

static int write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    /* It lies in a folder that was given. */
    if (file < 0) return errno == EEXIST || errno == EROFS ? 0 : -1;
    ssize_t written = write(file, text, strlen(text));
    close(file);
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

/* So that a library that asks who it is gets an answer. */
static void make_accounts(int report) {
    if (mkdir("etc", 0755) != 0 && errno != EEXIST) fail(report, CORRAL_SPAWNER_STEP_ROOT, "/etc");
    if (write_file("etc/passwd", "corral:x:1000:1000::/tmp:/bin/false\n") != 0 ||
        write_file("etc/group", "corral:x:1000:\n") != 0)
        fail(report, CORRAL_SPAWNER_STEP_ROOT, "/etc");
}

static void make_temporary(const corral_spawner_request *request, int report) {
    char options[96];
    snprintf(options, sizeof options, "mode=0700,size=%llu,nr_inodes=%u",
             (unsigned long long)request->temporary_bytes, request->temporary_files);
    if ((mkdir("tmp", 0700) != 0 && errno != EEXIST) ||
        mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) != 0)
        fail(report, CORRAL_SPAWNER_STEP_ROOT, "/tmp");
}

static void open_missing_trees(launch *launch, int report) {
    for (uint32_t i = 0; i < launch->request->folder_count; i++) {
        char *folder = launch->folders[i];
        if (launch->trees[i] >= 0 || folder[0] == CORRAL_SPAWNER_LINK) continue;
        launch->trees[i] = open_tree_of(folder);
        if (launch->trees[i] < 0) fail(report, CORRAL_SPAWNER_STEP_OPEN, folder + 1);
    }
}

void enter_root(launch *launch, int report) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail(report, CORRAL_SPAWNER_STEP_ROOT, "/");
    open_missing_trees(launch, report);
    if (mount("tmpfs", PLACE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, ROOT_OPTIONS) != 0 || chdir(PLACE) != 0)
        fail(report, CORRAL_SPAWNER_STEP_ROOT, "tmpfs");
    /* First, so that what was given may lie below /tmp. */
    make_temporary(launch->request, report);
    for (uint32_t i = 0; i < launch->request->folder_count; i++) attach(launch, i, report);
    make_accounts(report);
    /* With both at "." the old root comes to lie over the new one, and is taken away (pivot_root(2), NOTES). */
    if (syscall(SYS_pivot_root, ".", ".") != 0) fail(report, CORRAL_SPAWNER_STEP_PIVOT, "");
    if (umount2(".", DETACH) != 0 || chdir("/") != 0) fail(report, CORRAL_SPAWNER_STEP_PIVOT, "the old root");
    struct mount_attr attribute = {.attr_set = MOUNT_ATTR_RDONLY};
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attribute, sizeof attribute) != 0)
        fail(report, CORRAL_SPAWNER_STEP_ROOT, "read-only");
}

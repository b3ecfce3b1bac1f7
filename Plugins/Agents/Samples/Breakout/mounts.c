/* SPDX-License-Identifier: Apache-2.0
 *
 * mounts.c: changing what lies where. Everything is mounted on a folder of the attempts' own, or asked for with an argument
 * that the kernel refuses after it has checked the right to ask.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <linux/mount.h>
#include <sys/mount.h>

/* Where to mount: a folder that exists in every sandbox does when none can be made. */
static const char *place(void) {
    const char *folder = scratch();
    return folder[0] == 0 ? "/dev" : folder;
}

static breakout_result mounts(const char *source, const char *type, unsigned long flags, const char *what) {
    const char *folder = place();
    long returned = syscall(SYS_mount, source, folder, type, flags, NULL);
    breakout_result result = reached(returned, what);
    if (returned == 0) syscall(SYS_umount2, folder, MNT_DETACH);
    return result;
}

static breakout_result tmpfs(void) { return mounts("none", "tmpfs", 0, "mount(tmpfs)"); }
static breakout_result proc(void) { return mounts("none", "proc", 0, "mount(proc)"); }
static breakout_result sysfs(void) { return mounts("none", "sysfs", MS_RDONLY, "mount(sysfs)"); }
static breakout_result cgroup2(void) { return mounts("none", "cgroup2", MS_RDONLY, "mount(cgroup2)"); }
static breakout_result debugfs(void) { return mounts("none", "debugfs", MS_RDONLY, "mount(debugfs)"); }
static breakout_result bind_root(void) { return mounts("/", NULL, MS_BIND, "mount(bind /)"); }
static breakout_result bind_secret(void) {
    return mounts(aim->folder[0] != 0 ? aim->folder : "/etc", NULL, MS_BIND | MS_REC, "mount(bind of a host folder)");
}
static breakout_result moves(void) { return mounts(place(), NULL, MS_MOVE, "mount(move)"); }
/* The folder is no mount point, so that nothing changes where the right is there (EINVAL). */
static breakout_result remount(void) { return mounts(NULL, NULL, MS_REMOUNT | MS_BIND, "mount(remount read-write)"); }
static breakout_result propagate(void) { return mounts(NULL, NULL, MS_SHARED, "mount(make shared)"); }

static breakout_result unmounts(void) { return reached(syscall(SYS_umount2, place(), 0), "umount"); }
static breakout_result detaches(void) { return reached(syscall(SYS_umount2, place(), MNT_DETACH), "umount(detach)"); }
static breakout_result pivots(void) { return reached(syscall(SYS_pivot_root, "/", "/"), "pivot_root"); }
static breakout_result chroots(void) { return reached(syscall(SYS_chroot, "/"), "chroot"); }

static breakout_result closes(long descriptor, const char *what) {
    breakout_result result = reached(descriptor, what);
    if (descriptor >= 0) close((int)descriptor);
    return result;
}

static breakout_result opens_file_system(void) { return closes(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), "fsopen"); }
static breakout_result picks(void) { return closes(syscall(SYS_fspick, AT_FDCWD, "/", FSPICK_CLOEXEC), "fspick"); }
static breakout_result configures(void) { return reached(syscall(SYS_fsconfig, -1, 99, NULL, NULL, 0), "fsconfig"); }
static breakout_result makes_mount(void) { return closes(syscall(SYS_fsmount, -1, 0, 0), "fsmount"); }
static breakout_result opens_tree(void) { return closes(syscall(SYS_open_tree, AT_FDCWD, "/", 0x80000), "open_tree"); }
static breakout_result clones_tree(void) {
    return closes(syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | 0x80000), "open_tree(clone)");
}
static breakout_result moves_mount(void) { return reached(syscall(SYS_move_mount, -1, "", -1, "", 0), "move_mount"); }

static breakout_result sets_attributes(void) {
    struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC};
    long returned = syscall(SYS_mount_setattr, AT_FDCWD, place(), 0, &attributes, sizeof attributes);
    return reached(returned, "mount_setattr(clear noexec)");
}

/* The kernel's own list of everything that is mounted (since 6.8). */
static breakout_result lists(void) {
    uint64_t found[8];
    struct {
        uint32_t size, spare;
        uint64_t mount, parameter;
    } request = {24, 0, UINT64_MAX, 0};
    return reached(syscall(458, &request, found, COUNT_OF(found), 0), "listmount");
}

static breakout_result names_host(void) {
    char name[65] = "";
    gethostname(name, sizeof name - 1);
    return reached(syscall(SYS_sethostname, name, strlen(name)), "sethostname");
}

static breakout_result names_domain(void) {
    char name[65] = "(none)";
    if (getdomainname(name, sizeof name - 1) != 0) return blocked("getdomainname: %s", error_name(errno));
    return reached(syscall(SYS_setdomainname, name, strlen(name)), "setdomainname");
}

const breakout_attempt mount_attempts[] = {
    {"mount-tmpfs", "mount a fresh file system", tmpfs, 0},
    {"mount-proc", "mount /proc", proc, 0},
    {"mount-sysfs", "mount /sys", sysfs, 0},
    {"mount-cgroup", "mount the cgroup tree", cgroup2, 0},
    {"mount-debugfs", "mount the kernel's debug files", debugfs, 0},
    {"mount-bind-root", "bind / into an own folder", bind_root, 0},
    {"mount-bind-host", "bind a folder of the host's into an own folder", bind_secret, 0},
    {"mount-move", "move a mount", moves, 0},
    {"mount-remount", "make a read-only mount writable", remount, 0},
    {"mount-propagate", "let mounts spread to the host", propagate, 0},
    {"umount", "take a mount away", unmounts, 0},
    {"umount-detach", "take a busy mount away", detaches, 0},
    {"pivot-root", "change the root of the mount namespace", pivots, 0},
    {"chroot", "change the root folder", chroots, 0},
    {"fsopen", "open a file system by the new mount API", opens_file_system, 0},
    {"fspick", "pick up the root's file system", picks, 0},
    {"fsconfig", "configure a file system (CVE-2022-0185)", configures, 0},
    {"fsmount", "make a mount of a file system", makes_mount, 0},
    {"open-tree", "open a mount as a descriptor", opens_tree, 0},
    {"open-tree-clone", "copy a tree of mounts", clones_tree, 0},
    {"move-mount", "attach a mount", moves_mount, 0},
    {"mount-setattr", "take noexec off a mount", sets_attributes, 0},
    {"listmount", "list everything that is mounted", lists, 0},
    {"sethostname", "rename the host", names_host, 0},
    {"setdomainname", "rename the host's domain", names_domain, 0},
    END_OF_ATTEMPTS,
};

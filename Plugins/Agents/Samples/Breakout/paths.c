/* SPDX-License-Identifier: Apache-2.0
 *
 * paths.c: reading what is not the worker's: by its name, by a detour, by an oracle that says no more than "it is there".
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <dirent.h>
#include <sys/inotify.h>
#include <sys/statfs.h>

static breakout_result secret(void) { return reads_token(aim->secret); }
static breakout_result shared(void) { return reads_token(aim->shared); }
static breakout_result shadow(void) { return opens("/etc/shadow", O_RDONLY); }

static breakout_result accounts(void) {
    char content[4096] = "";
    int descriptor = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return blocked("open /etc/passwd: %s", error_name(errno));
    ssize_t size = read(descriptor, content, sizeof content - 1);
    close(descriptor);
    int lines = 0;
    for (ssize_t at = 0; at < size; at++) lines += content[at] == '\n';
    /* A file made for the sandbox has an entry or two. */
    return lines > 3 ? escaped("read %d accounts of the machine", lines) : blocked("/etc/passwd has %d lines here", lines);
}

static breakout_result machine_id(void) { return opens("/etc/machine-id", O_RDONLY); }
static breakout_result machine_name(void) { return opens("/etc/hostname", O_RDONLY); }

/* At least one entry beside "." and "..". */
static breakout_result lists(const char *path) {
    if (path[0] == 0) return skipped("the harness prepared no such folder");
    DIR *folder = opendir(path);
    if (folder == NULL) return blocked("opendir %s: %s", path, error_name(errno));
    int entries = 0;
    while (readdir(folder) != NULL) entries++;
    closedir(folder);
    return entries > 2 ? escaped("listed %d names in %s", entries - 2, path) : blocked("%s is empty here", path);
}

static breakout_result folder(void) { return lists(aim->folder); }
static breakout_result neighbour(void) { return lists(aim->neighbour); }

/* Inside, a folder of that name may lie above the plugin's own: the host's is known by what is in it. */
static breakout_result home(void) {
    DIR *folder = opendir(aim->home);
    if (folder == NULL) return blocked("opendir %s: %s", aim->home, error_name(errno));
    int found = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        found |= strcmp(entry->d_name, "host.db") == 0;
    closedir(folder);
    return found ? escaped("saw the host's database in %s", aim->home) : blocked("%s is another folder here", aim->home);
}

static breakout_result root_home(void) { return lists("/root"); }
static breakout_result user_homes(void) { return lists("/home"); }
static breakout_result temporary(void) { return lists("/tmp/.."); }
static breakout_result configuration(void) { return lists("/etc"); }

static breakout_result variable(void) {
    return lists(access("/var/lib", F_OK) == 0 ? "/var/lib" : "/var");
}

static breakout_result journal(void) {
    if (aim->neighbour[0] == 0) return skipped("the harness prepared no other tenant");
    char path[400];
    snprintf(path, sizeof path, "%s/state.db", aim->neighbour);
    return opens(path, O_RDONLY);
}

static breakout_result host_database(void) {
    char path[400];
    snprintf(path, sizeof path, "%s/host.db", aim->home);
    return opens(path, O_RDONLY);
}

static breakout_result host_log(void) {
    char path[400];
    snprintf(path, sizeof path, "%s/host.log", aim->home);
    return opens(path, O_RDONLY);
}

/* Detours. */

static breakout_result dots(void) {
    char path[400] = "../../../../../../../..";
    strncat(path, aim->secret, sizeof path - strlen(path) - 1);
    return reads_token(path);
}

static breakout_result link_out(void) {
    const char *path = scratch_path("link");
    if (path == NULL) return nowhere_to_write();
    unlink(path);
    if (symlink(aim->secret, path) != 0) return blocked("symlink: %s", error_name(errno));
    breakout_result result = reads_token(path);
    unlink(path);
    return result;
}

static breakout_result hard_link_out(void) {
    const char *path = scratch_path("hard");
    if (path == NULL) return nowhere_to_write();
    unlink(path);
    if (link(aim->secret, path) != 0) return blocked("link: %s", error_name(errno));
    breakout_result result = escaped("linked the secret into an own folder");
    unlink(path);
    return result;
}

static breakout_result beneath(void) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {O_RDONLY | O_CLOEXEC, 0, 0};
    return opened((int)syscall(SYS_openat2, AT_FDCWD, aim->secret, &how, sizeof how), "openat2(the secret)");
}

static breakout_result path_only(void) {
    int descriptor = open(aim->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return blocked("open(O_PATH): %s", error_name(errno));
    int file = openat(descriptor, strrchr(aim->secret, '/') == NULL ? "" : strrchr(aim->secret, '/') + 1, O_RDONLY | O_CLOEXEC);
    breakout_result result = opened(file, "openat(O_PATH descriptor)");
    close(descriptor);
    return result;
}

static breakout_result changes_folder(void) {
    if (chdir(aim->folder) != 0) return blocked("chdir: %s", error_name(errno));
    int file = open(strrchr(aim->secret, '/') == NULL ? "" : strrchr(aim->secret, '/') + 1, O_RDONLY | O_CLOEXEC);
    breakout_result result = opened(file, "open in the folder's own name");
    if (chdir("/") != 0) return result;
    return result;
}

/* Oracles: what is there, how large, since when. */

static breakout_result stats(void) {
    struct stat status;
    if (stat(aim->secret, &status) != 0) return blocked("stat: %s", error_name(errno));
    return escaped("saw that the secret is there, %lld bytes", (long long)status.st_size);
}

static breakout_result stats_neighbour(void) {
    struct stat status;
    if (stat(aim->neighbour, &status) != 0) return blocked("stat: %s", error_name(errno));
    return escaped("saw that the other tenant is there, of uid %d", (int)status.st_uid);
}

static breakout_result reads_link(void) {
    char target[256];
    return succeeded(readlink("/proc/1/exe", target, sizeof target), "readlink(/proc/1/exe)");
}

static breakout_result watches(void) {
    int queue = inotify_init1(IN_CLOEXEC);
    if (queue < 0) return blocked("inotify_init: %s", error_name(errno));
    int watch = inotify_add_watch(queue, aim->folder, IN_CREATE | IN_MODIFY);
    breakout_result result = succeeded(watch, "watching a host folder");
    close(queue);
    return result;
}

static breakout_result sees_disk(void) {
    struct statfs disk;
    return succeeded(statfs(aim->folder[0] != 0 ? aim->folder : "/", &disk), "statfs(a host folder)");
}

const breakout_attempt path_attempts[] = {
    {"read-secret", "read a secret of the host's user", secret, 0},
    {"read-shared-tmp", "read a host file in the shared /tmp", shared, 0},
    {"read-shadow", "read /etc/shadow", shadow, 0},
    {"read-accounts", "read the machine's accounts", accounts, 0},
    {"read-machine-id", "read the machine's id", machine_id, 0},
    {"read-hostname", "read the machine's name", machine_name, 0},
    {"read-journal", "read another tenant's journal", journal, 0},
    {"read-host-database", "read the host's database", host_database, 0},
    {"read-host-log", "read the host's log", host_log, 0},
    {"list-folder", "list a folder of the host's user", folder, 0},
    {"list-neighbour", "list another tenant's folder", neighbour, 0},
    {"list-home", "list the host's home", home, 0},
    {"list-root-home", "list /root", root_home, 0},
    {"list-homes", "list /home", user_homes, 0},
    {"list-root", "list / by way of /tmp/..", temporary, 0},
    {"list-etc", "list /etc", configuration, 0},
    {"list-var", "list /var", variable, 0},
    {"dots", "read the secret by ../..", dots, 0},
    {"symlink-out", "read the secret by a link of one's own", link_out, 0},
    {"hardlink-out", "link the secret into an own folder", hard_link_out, 0},
    {"openat2", "open the secret by the newer call", beneath, 0},
    {"o-path", "open the secret beneath an O_PATH descriptor", path_only, 0},
    {"chdir-out", "open the secret from its own folder", changes_folder, 0},
    {"stat-secret", "see whether a host file is there", stats, 0},
    {"stat-neighbour", "see whether another tenant is there", stats_neighbour, 0},
    {"readlink-first", "see what program pid 1 is", reads_link, 0},
    {"watch-folder", "be told of changes in a host folder", watches, 0},
    {"statfs-host", "see how full the host's disk is", sees_disk, 0},
    END_OF_ATTEMPTS,
};

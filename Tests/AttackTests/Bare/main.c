/* SPDX-License-Identifier: Apache-2.0
 *
 * main.c: the attempts without a sandbox. What escapes here shows that the attempt detects; an attempt that is always
 * blocked proves nothing about the sandbox.
 *
 * Each attempt runs in a child of an ordinary user, with the parent as "the host". Prints `name<TAB>outcome<TAB>detail`.
 * Started by root it becomes the user 65534 first: nothing is ever tried with root's rights.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "breakout.h"

#define NOBODY 65534
#define MILLISECONDS_MAX 20000

static breakout_targets targets;

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static void become_ordinary(void) {
    if (geteuid() != 0) return;
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)
        fail("become an ordinary user");
    /* A change of uid makes a process one nobody may look into; a worker's host is an ordinary process. */
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void write_file(const char *path, const char *content) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, content, strlen(content)) < 0) fail(path);
    close(file);
}

static void make_folder(char *path, size_t size, const char *parent, const char *name) {
    snprintf(path, size, "%.200s/%s", parent, name);
    if (mkdir(path, 0700) != 0) fail(path);
}

static void put(const char *folder, const char *name, const char *content) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    write_file(path, content);
}

static void prepare_files(const char *root) {
    snprintf(targets.token, sizeof targets.token, "corral-token-%d", (int)getpid());
    make_folder(targets.folder, sizeof targets.folder, root, "operator");
    make_folder(targets.home, sizeof targets.home, root, "home");
    make_folder(targets.neighbour, sizeof targets.neighbour, root, "acme");
    make_folder(targets.scratch, sizeof targets.scratch, root, "scratch");
    snprintf(targets.secret, sizeof targets.secret, "%.200s/secret", targets.folder);
    write_file(targets.secret, targets.token);
    put(targets.folder, "sacrifice", "");
    put(targets.neighbour, "state.db", "");
    put(targets.home, "host.db", "");
    put(targets.home, "host.log", "");
    snprintf(targets.shared, sizeof targets.shared, "/tmp/corral-shared-%d", (int)getpid());
    write_file(targets.shared, targets.token);
}

static void listen_at(const char *path, int is_abstract) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path + is_abstract, path, strlen(path));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)is_abstract + strlen(path));
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || bind(descriptor, (void *)&address, size) != 0 || listen(descriptor, 64) != 0) fail(path);
}

static uint16_t take_port(int type) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || bind(descriptor, (void *)&address, size) != 0) return 0;
    if (type == SOCK_STREAM && listen(descriptor, 64) != 0) return 0;
    getsockname(descriptor, (void *)&address, &size);
    return ntohs(address.sin_port);
}

static void prepare(const char *root) {
    prepare_files(root);
    snprintf(targets.socket, sizeof targets.socket, "%.80s/some.sock", root);
    snprintf(targets.abstract, sizeof targets.abstract, "corral-abstract-%d", (int)getpid());
    listen_at(targets.socket, 0);
    listen_at(targets.abstract, 1);
    char control[120];
    snprintf(control, sizeof control, "%.90s/control.sock", targets.home);
    listen_at(control, 0);
    targets.tcp_port = take_port(SOCK_STREAM);
    targets.udp_port = take_port(SOCK_DGRAM);
    /* Small limits, so that going beyond them costs little; nothing holds a bare process to them. */
    targets.memory_bytes = 128u << 20;
    targets.file_bytes = 64u << 20;
    targets.threads = 256;
    targets.open_files = 512;
    setenv("CORRAL_BREAKOUT_TOKEN", targets.token, 1);
    /* What a careless host would pass on: the folder, a file to write to, a pipe. */
    int ends[2];
    if (open(targets.folder, O_RDONLY | O_DIRECTORY) < 0 || open(targets.secret, O_RDWR) < 0 || pipe(ends) != 0)
        fail("leave descriptors open");
    if (chdir(targets.folder) != 0) fail("chdir");
}

/* The child's answer comes over a pipe; a child that dies answers by its death. */
static breakout_result outcome_of(pid_t child, int answer) {
    breakout_result result = {.outcome = BREAKOUT_BLOCKED};
    struct pollfd entry = {answer, POLLIN, 0};
    int status = 0;
    if (poll(&entry, 1, MILLISECONDS_MAX) <= 0) kill(child, SIGKILL);
    ssize_t size = read(answer, &result, sizeof result);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (size == (ssize_t)sizeof result) return result;
    if (WIFSIGNALED(status)) {
        snprintf(result.detail, sizeof result.detail, "killed by %s", sigabbrev_np(WTERMSIG(status)));
    } else {
        snprintf(result.detail, sizeof result.detail, "ended with %d and without an answer", WEXITSTATUS(status));
    }
    return result;
}

static breakout_result run_apart(const breakout_attempt *attempt) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        breakout_result result = breakout_run(attempt, &targets);
        ssize_t written = write(ends[1], &result, sizeof result);
        (void)written;
        _exit(0);
    }
    close(ends[1]);
    breakout_result result = outcome_of(child, ends[0]);
    close(ends[0]);
    return result;
}

static void sweep(void) {
    for (const breakout_group *group = breakout_first_group(); group->class_name != NULL; group++)
        for (const breakout_attempt *attempt = group->attempts; attempt->name != NULL; attempt++) {
            if (attempt->judge != BREAKOUT_JUDGE_SELF) continue;
            breakout_result result = run_apart(attempt);
            printf("%s\t%s\t%s\n", attempt->name, breakout_outcome_name(result.outcome), result.detail);
            fflush(stdout);
        }
}

static void remove_all(const char *root) {
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", "--", root, targets.shared, (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
}

int main(void) {
    struct rlimit files = {1 << 16, 1 << 16};
    setrlimit(RLIMIT_NOFILE, &files);
    become_ordinary();
    char root[] = "/tmp/corral-bare-XXXXXX";
    if (mkdtemp(root) == NULL) fail("mkdtemp");
    /* A neighbour: another process of the same user. */
    targets.host_pid = getpid();
    targets.neighbour_pid = fork();
    if (targets.neighbour_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;) pause();
    }
    prepare(root);
    sweep();
    kill(targets.neighbour_pid, SIGKILL);
    waitpid(targets.neighbour_pid, NULL, 0);
    if (chdir("/") != 0) fail("chdir");
    remove_all(root);
    return 0;
}

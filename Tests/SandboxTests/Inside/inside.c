/* SPDX-License-Identifier: Apache-2.0
 *
 * inside.c: what a process in the sandbox sees and may do, told line by line. Each argument is one question; with none it
 * waits for the end of descriptor 3, so that the test can look at it from outside.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *question, long result) {
    if (result >= 0) printf("%s: %ld\n", question, result);
    else printf("%s: %s\n", question, strerrorname_np(errno));
}

static void list(const char *question, const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0) return tell(question, -1);
    printf("%s:", question);
    for (int i = 0; i < count; i++)
        if (entries[i]->d_name[0] != '.') printf(" %s", entries[i]->d_name);
    printf("\n");
}

static void capabilities(const char *question) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    memset(data, 0xff, sizeof data);
    int result = (int)syscall(SYS_capget, &header, data);
    unsigned all = data[0].effective | data[0].permitted | data[0].inheritable | data[1].effective | data[1].permitted |
                   data[1].inheritable;
    tell(question, result < 0 ? -1 : (long)all);
}

static void *nothing(void *unused) { return unused; }

/* In a child the answer would be lost with it; the parent tells. */
static void from_fork(const char *question, long pid) {
    if (pid == 0) _exit(0);
    tell(question, pid > 0 ? 1 : -1);
}

static void threads(const char *question) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, nothing, NULL);
    if (error == 0) pthread_join(thread, NULL);
    errno = error;
    tell(question, error == 0 ? 1 : -1);
}

static void detach(void) {
    /* Forks, detaches, ignores every signal, and holds the output open. */
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            for (int number = 1; number < 64; number++) signal(number, SIG_IGN);
            for (;;) pause();
        }
        _exit(0);
    }
    while (wait(NULL) > 0) {}
}

/* A chain in which each process ends as soon as it has made the next. */
static void relay(void) {
    if (fork() != 0) return;
    setsid();
    for (;;)
        if (fork() > 0) _exit(0);
}

static void answer(const char *question) {
    const char *argument = strchr(question, '=');
    argument = argument == NULL ? "" : argument + 1;
    char buffer[64] = "";
    struct utsname name;
#define ASKED(word) (strncmp(question, word, strlen(word)) == 0)
    if (ASKED("list=")) list(question, argument);
    else if (ASKED("read=")) {
        int file = open(argument, O_RDONLY);
        tell(question, file < 0 ? -1 : read(file, buffer, sizeof buffer) >= 0 ? 1 : -1);
    } else if (ASKED("write=")) {
        int file = open(argument, O_WRONLY | O_CREAT, 0600);
        tell(question, file < 0 ? -1 : write(file, "x", 1));
    } else if (ASKED("append=")) {
        int file = open(argument, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        long written = 0, count;
        static char block[65536];
        while (file >= 0 && (count = write(file, block, sizeof block)) > 0) written += count;
        printf("%s: %ld %s\n", question, written, strerrorname_np(errno));
    } else if (ASKED("execute=")) {
        execl(argument, argument, (char *)NULL);
        tell(question, -1);
    } else if (ASKED("map=")) {
        int file = open(argument, O_RDONLY);
        tell(question, mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED ? -1 : 1);
    } else if (ASKED("chmod=")) tell(question, chmod(argument, 0777));
    else if (ASKED("stat=")) {
        struct stat status;
        tell(question, stat(argument, &status) == 0 ? 1 : -1);
    } else if (ASKED("environment")) {
        extern char **environ;
        for (char **next = environ; *next != NULL; next++) printf("%s: %s\n", question, *next);
    } else if (ASKED("user")) tell(question, geteuid());
    else if (ASKED("group")) tell(question, getgroups(0, NULL) + 1000L * (getegid() == geteuid()));
    else if (ASKED("process")) tell(question, getpid());
    else if (ASKED("host")) printf("%s: %s\n", question, uname(&name) == 0 ? name.nodename : "?");
    else if (ASKED("capabilities")) capabilities(question);
    else if (ASKED("bounding")) tell(question, prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0));
    else if (ASKED("privileges")) tell(question, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    else if (ASKED("seccomp")) tell(question, prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
    else if (ASKED("socket=")) tell(question, socket(atoi(argument), SOCK_STREAM, 0) >= 0 ? 1 : -1);
    else if (ASKED("raw")) tell(question, socket(AF_INET, SOCK_RAW, 1));
    else if (ASKED("netlink=")) tell(question, socket(AF_NETLINK, SOCK_RAW, atoi(argument)) >= 0 ? 1 : -1);
    else if (ASKED("pair")) tell(question, socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0, 0}));
    else if (ASKED("fork")) from_fork(question, fork());
    else if (ASKED("vfork")) from_fork(question, (long)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0));
    else if (ASKED("clone3")) tell(question, syscall(SYS_clone3, NULL, 0));
    else if (ASKED("namespace")) from_fork(question, (long)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    else if (ASKED("thread")) threads(question);
    else if (ASKED("kill=")) tell(question, kill(atoi(argument), 0));
    else if (ASKED("scheduler=")) tell(question, sched_getscheduler(atoi(argument)));
    else if (ASKED("memfd")) tell(question, (long)syscall(SYS_memfd_create, "x", 0) >= 0 ? 1 : -1);
    else if (ASKED("tiocsti")) tell(question, ioctl(0, 0x5412ul | 1ul << 40, "x"));
    else if (ASKED("raise-limit")) tell(question, setrlimit(RLIMIT_NOFILE, &(struct rlimit){10, 10}));
    else if (ASKED("dumpable")) tell(question, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
    else if (ASKED("death-signal")) tell(question, prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
    else if (ASKED("suid")) tell(question, open("/tmp/suid", O_WRONLY | O_CREAT, 04700));
    else if (ASKED("newest")) tell(question, syscall(468));
    else if (ASKED("mount")) tell(question, mount("none", "/tmp", "tmpfs", 0, NULL));
    else if (ASKED("ptrace")) tell(question, syscall(SYS_ptrace, 0, 0, 0, 0));
    else if (ASKED("wrong-architecture")) {
#if defined(__x86_64__)
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
        tell(question, result);
#else
        raise(SIGSYS);
#endif
    } else if (ASKED("x32")) tell(question, syscall(0x40000000 | SYS_getpid));
    else if (ASKED("eat=")) {
        size_t bytes = (size_t)atoi(argument) << 20;
        char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (size_t i = 0; memory != MAP_FAILED && i < bytes; i += 4096) memory[i] = 1;
        tell(question, memory == MAP_FAILED ? -1 : 1);
    } else if (ASKED("detach")) detach();
    else if (ASKED("relay")) relay();
    else if (ASKED("exit=")) _exit(atoi(argument));
    else if (ASKED("die=")) {
        signal(atoi(argument), SIG_DFL);
        raise(atoi(argument));
    } else if (ASKED("wait")) {
        fflush(stdout);
        while (read(3, buffer, 1) > 0) {}
    } else printf("%s: what?\n", question);
    fflush(stdout);
}

int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) answer(arguments[i]);
    return 0;
}

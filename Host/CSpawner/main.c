/* SPDX-License-Identifier: Apache-2.0
 *
 * corral-spawner: the parent of every worker.
 *
 * It is a process of its own because a parent-death signal follows the parent's thread, not its process, and because
 * the code between fork and exec must be C and async-signal-safe (docs/decisions/0002). One thread, one loop, no
 * allocation. It waits for no launch: while one process mounts its root, others start, end and are killed.
 *
 * Life: the host starts it with one end of a SOCK_SEQPACKET pair on descriptor 3. When that end closes, or the host's
 * thread that started it dies, every child is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "spawner.h"

#define CONTROL 3
/* A supervisor needs a few milliseconds to end what it holds. */
#define SUPERVISOR_PATIENCE_MS 300
/* Processes between clone and exec. More gain nothing: their mounts wait for the same lock of the kernel. */
#define STARTING_MAX 16

typedef struct child {
    /* 0 = free. */
    uint64_t id;
    /* 0 once it has been reaped and only its report is left to send. */
    pid_t pid;
    /* Until exec: where a failure is reported; -1 afterwards. */
    int report;
    /* Whether it is the supervisor of a program: asked to end, it ends the program's descendants first. */
    int is_supervised;
    /* When a supervisor that was asked must be gone: its program may have stopped it. 0 = not asked. */
    int64_t patience_ms;
    /* The answer to the launch, until it is sent; `kind` 0 = none. */
    corral_spawner_reply launched;
    /* The end, until it is sent; `kind` 0 = none. */
    corral_spawner_reply ended;
} child;

static child children[CORRAL_SPAWNER_CHILDREN_MAX];
static int starting;
/* The refusal of the last request, while the socket has no room for it. No further request is read meanwhile; children
 * keep their reports in their own slots, so reaping never waits for the host. */
static corral_spawner_reply unsent;

static child *find(uint64_t id) {
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++)
        if (children[i].id == id) return &children[i];
    return NULL;
}

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A supervisor is asked, so that what it holds ends even when this process dies meanwhile. SIGCONT, because a program may
 * have stopped it. */
static void end(child *child) {
    if (!child->is_supervised) {
        kill(child->pid, SIGKILL);
    } else if (child->patience_ms == 0) {
        child->patience_ms = milliseconds() + SUPERVISOR_PATIENCE_MS;
        kill(child->pid, SIGTERM);
        kill(child->pid, SIGCONT);
    } else if (milliseconds() >= child->patience_ms) {
        kill(child->pid, SIGKILL);
    }
}

static int is_known(pid_t pid) {
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++)
        if (children[i].id != 0 && children[i].pid == pid) return 1;
    return 0;
}

/* Descendants of programs that outlived their supervisor are this process's children. A second is more than the end of
 * all takes; this process must not stay for one that the kernel cannot kill. */
static _Noreturn void leave(int code) {
    for (int round = 0; round < 1000; round++) {
        for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++)
            if (children[i].id != 0 && children[i].pid > 0) end(&children[i]);
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++)
                if (children[i].id != 0 && children[i].pid == pid) children[i].pid = 0;
        if (pid < 0 && errno == ECHILD) break;
        kill_children(is_known);
        poll(NULL, 0, 1);
    }
    _exit(code);
}

/* The host let go, perhaps with something unread or unsent. */
static int is_gone(int number) { return number == EPIPE || number == ECONNRESET; }

/* 1 = sent, 0 = no room now. */
static int try_send(corral_spawner_reply *reply) {
    for (;;) {
        if (send(CONTROL, reply, sizeof *reply, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
            reply->kind = 0;
            return 1;
        }
        if (errno == EAGAIN || errno == ENOBUFS) return 0;
        if (errno != EINTR) leave(is_gone(errno) ? 0 : 1);
    }
}

/* Sends what waits; a launch is reported before its end. Returns whether something is left. */
static int flush(void) {
    if (unsent.kind != 0 && !try_send(&unsent)) return 1;
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++) {
        child *child = &children[i];
        if (child->id == 0) continue;
        if (child->launched.kind != 0 && !try_send(&child->launched)) return 1;
        if (child->ended.kind != 0 && child->report < 0 && !try_send(&child->ended)) return 1;
        if (child->pid == 0 && child->report < 0) child->id = 0;
    }
    return 0;
}

static corral_spawner_reply reply_of(const child *child, uint32_t kind) {
    return (corral_spawner_reply){.version = CORRAL_SPAWNER_VERSION, .kind = kind, .id = child->id, .pid = child->pid};
}

static corral_spawner_reply refusal(uint64_t id, const failure *failure) {
    corral_spawner_reply reply = {.version = CORRAL_SPAWNER_VERSION,
                                  .kind = CORRAL_SPAWNER_FAILED,
                                  .id = id,
                                  .step = failure->step,
                                  .errno_value = failure->errno_value};
    memcpy(reply.detail, failure->detail, sizeof reply.detail);
    return reply;
}

static uint64_t nanoseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static void ended(child *child, int status, const struct rusage *usage) {
    child->ended = reply_of(child, CORRAL_SPAWNER_EXITED);
    child->ended.wait_status = status;
    child->ended.user_ns = nanoseconds(usage->ru_utime);
    child->ended.system_ns = nanoseconds(usage->ru_stime);
    child->ended.rss_bytes_max = (uint64_t)usage->ru_maxrss * 1024u;
    child->pid = 0;
}

static void reap(void) {
    int status, has_orphans = 0;
    pid_t pid;
    struct rusage usage;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        int was_known = 0;
        for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++) {
            if (children[i].id == 0 || children[i].pid != pid) continue;
            was_known = 1;
            has_orphans |= children[i].is_supervised;
            ended(&children[i], status, &usage);
        }
        has_orphans |= !was_known;
    }
    /* Each that is killed here comes back as one that was not known, until none is left. */
    if (has_orphans) kill_children(is_known);
}

/* The pipe has ended, which is the success of exec, or holds a failure. */
static void hear(child *child) {
    failure failure;
    ssize_t size = read(child->report, &failure, sizeof failure);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    close(child->report);
    child->report = -1;
    starting--;
    if (size == 0) {
        child->launched = reply_of(child, CORRAL_SPAWNER_LAUNCHED);
        /* It may have ended since. */
        if (child->pid == 0) child->launched.pid = child->ended.pid;
        return;
    }
    if (size != (ssize_t)sizeof failure) set_failure(&failure, CORRAL_SPAWNER_STEP_EXECUTE, EIO, "");
    failure.detail[sizeof failure.detail - 1] = 0;
    child->launched = refusal(child->id, &failure);
    child->ended.kind = 0;
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {}
        child->pid = 0;
    }
}

static void start(char *packet, size_t size, const corral_spawner_request *request, const int *descriptors, int count) {
    static launch launch;
    failure failure = {CORRAL_SPAWNER_STEP_REQUEST, EINVAL, ""};
    child *slot = find(0);
    int report = -1;
    pid_t pid = -1;
    if (count == (int)request->descriptor_count && find(request->id) == NULL &&
        read_launch(packet, size, request, &launch)) {
        if (slot == NULL) {
            set_failure(&failure, CORRAL_SPAWNER_STEP_CHILDREN, EAGAIN, "");
        } else {
            launch.descriptors = descriptors;
            pid = start_process(&launch, &report, &failure);
        }
    }
    if (pid < 0) {
        unsent = refusal(request->id, &failure);
        return;
    }
    starting++;
    *slot = (child){
        .id = request->id,
        .pid = pid,
        .report = report,
        .is_supervised = request->profile == CORRAL_SPAWNER_PROGRAM && request->level != CORRAL_SPAWNER_STRICT};
}

static void handle(char *packet, size_t size, const int *descriptors, int count) {
    const corral_spawner_request *request = (const corral_spawner_request *)packet;
    if (size < sizeof *request || request->version != CORRAL_SPAWNER_VERSION || request->id == 0) return;
    if (request->kind == CORRAL_SPAWNER_LAUNCH) {
        start(packet, size, request, descriptors, count);
    } else if (request->kind == CORRAL_SPAWNER_KILL) {
        child *child = find(request->id);
        if (child != NULL && child->pid > 0) end(child);
    }
}

/* Collects the descriptors of one packet. Returns how many; more than a launch has are closed and spoil the count. */
static int take_descriptors(struct msghdr *message, int *descriptors) {
    int count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t received = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < received; i++, count++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
            if (count < (int)CORRAL_SPAWNER_DESCRIPTORS_MAX) descriptors[count] = descriptor;
            else close(descriptor);
        }
    }
    return count;
}

static void receive(void) {
    static _Alignas(corral_spawner_request) char packet[CORRAL_SPAWNER_REQUEST_BYTES_MAX];
    union {
        struct cmsghdr alignment;
        char bytes[CMSG_SPACE(CORRAL_SPAWNER_DESCRIPTORS_MAX * sizeof(int))];
    } control;
    struct iovec run = {packet, sizeof packet};
    struct msghdr message = {
        .msg_iov = &run, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t size = recvmsg(CONTROL, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size <= 0) leave(size == 0 || is_gone(errno) ? 0 : 1);
    int descriptors[CORRAL_SPAWNER_DESCRIPTORS_MAX];
    int count = take_descriptors(&message, descriptors);
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) size = 0;
    handle(packet, (size_t)size, descriptors, count);
    for (int i = 0; i < count && i < (int)CORRAL_SPAWNER_DESCRIPTORS_MAX; i++) close(descriptors[i]);
}

/* SIGCHLD as a descriptor. The terminal's Ctrl-C is the host's to handle: it drains its runs, and the workers must live
 * that long. */
static int open_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGQUIT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void turn(int signals) {
    struct pollfd watched[2 + STARTING_MAX] = {{.fd = signals, .events = POLLIN}, {.fd = CONTROL}};
    child *reporting[STARTING_MAX];
    nfds_t count = 0;
    int is_waiting = flush();
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX && count < STARTING_MAX; i++) {
        if (children[i].id == 0 || children[i].report < 0) continue;
        reporting[count] = &children[i];
        watched[2 + count++] = (struct pollfd){.fd = children[i].report, .events = POLLIN};
    }
    int may_receive = unsent.kind == 0 && starting < STARTING_MAX;
    watched[1].events = (short)((may_receive ? POLLIN : 0) | (is_waiting ? POLLOUT : 0));
    int patience = -1;
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++) {
        if (children[i].id == 0 || children[i].pid <= 0 || children[i].patience_ms == 0) continue;
        end(&children[i]);
        patience = SUPERVISOR_PATIENCE_MS / 10;
    }
    if (poll(watched, 2 + count, patience) < 0) return;
    struct signalfd_siginfo information;
    if (watched[0].revents & POLLIN)
        while (read(signals, &information, sizeof information) > 0) {}
    for (nfds_t i = 0; i < count; i++)
        if (watched[2 + i].revents != 0) hear(reporting[i]);
    reap();
    if (watched[1].revents & POLLIN) receive();
    else if (watched[1].revents & (POLLHUP | POLLERR | POLLNVAL)) leave(0);
}

int main(int argc, char **argv) {
    /* What the host starts to see whether a level can be had: that it gets here is the answer. */
    if (argc > 1 && strcmp(argv[1], "--probe") == 0) return 0;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || close_range(CONTROL + 1, ~0u, 0) != 0) return 1;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return 1;
    /* A child may be killed before it is let go; writing to it is then an error of that launch. */
    signal(SIGPIPE, SIG_IGN);
    int signals = open_signals();
    if (signals < 0) return 1;
    compile_filters();
    for (;;) turn(signals);
}

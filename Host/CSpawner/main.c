/* SPDX-License-Identifier: Apache-2.0
 *
 * corral-spawner: the parent of every worker.
 *
 * It is a process of its own because a parent-death signal follows the parent's thread, not its process, and because
 * the code between fork and exec must be C and async-signal-safe (docs/decisions/0002). One thread, one loop, no
 * allocation.
 * The host is trusted; requests are still checked, so that a mistake there is an error here and not a crash.
 *
 * Life: the host starts it with one end of a SOCK_SEQPACKET pair on descriptor 3. When that end closes, or the host's
 * thread that started it dies, every child is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawner.h"

#define CONTROL 3

typedef struct child {
    /* 0 = free. */
    uint64_t id;
    /* 0 once it has been reaped and only its report is left to send. */
    pid_t pid;
    corral_spawner_reply report;
} child;

static child children[CORRAL_SPAWNER_CHILDREN_MAX];
/* The reply to the last request, while the socket has no room for it. No further request is read meanwhile; exits wait
 * in their own slots, so reaping never waits for the host. */
static corral_spawner_reply unsent;
static int has_unsent;

static _Noreturn void leave(int code) {
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++)
        if (children[i].pid > 0) kill(children[i].pid, SIGKILL);
    _exit(code);
}

/* 1 = sent, 0 = no room now. */
static int try_send(const corral_spawner_reply *reply) {
    for (;;) {
        if (send(CONTROL, reply, sizeof *reply, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 1;
        if (errno == EAGAIN || errno == ENOBUFS) return 0;
        if (errno != EINTR) leave(1);
    }
}

/* Sends what waits: first the reply, then the exits, so that a launch is reported before its end. Returns whether
 * something is left. */
static int flush(void) {
    if (has_unsent) {
        if (!try_send(&unsent)) return 1;
        has_unsent = 0;
    }
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++) {
        if (children[i].id == 0 || children[i].pid != 0) continue;
        if (!try_send(&children[i].report)) return 1;
        children[i].id = 0;
    }
    return 0;
}

static child *find(uint64_t id) {
    for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++)
        if (children[i].id == id) return &children[i];
    return NULL;
}

static uint64_t nanoseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static void reap(void) {
    int status;
    pid_t pid;
    struct rusage usage;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        for (size_t i = 0; i < CORRAL_SPAWNER_CHILDREN_MAX; i++) {
            if (children[i].id == 0 || children[i].pid != pid) continue;
            children[i].pid = 0;
            children[i].report = (corral_spawner_reply){
                .version = CORRAL_SPAWNER_VERSION,
                .kind = CORRAL_SPAWNER_EXITED,
                .id = children[i].id,
                .pid = pid,
                .wait_status = status,
                .user_ns = nanoseconds(usage.ru_utime),
                .system_ns = nanoseconds(usage.ru_stime),
                .rss_bytes_max = (uint64_t)usage.ru_maxrss * 1024u,
            };
        }
    }
}

/* Checks the packet and points `launch` at its texts, laid out as exec wants them: path, arguments, NULL, environment, NULL.
 * Returns 0 when the packet is not what the protocol says. */
static int read_launch(char *packet, size_t size, const corral_spawner_request *request, launch *launch) {
    static char *texts[CORRAL_SPAWNER_TEXTS_MAX + 2];
    uint32_t arguments = request->argument_count, environment = request->environment_count;
    if (request->limit_count > CORRAL_SPAWNER_LIMITS_MAX) return 0;
    if (request->descriptor_count > CORRAL_SPAWNER_DESCRIPTORS_MAX) return 0;
    if (arguments >= CORRAL_SPAWNER_TEXTS_MAX || environment >= CORRAL_SPAWNER_TEXTS_MAX - arguments) return 0;
    for (uint32_t i = 0; i < request->descriptor_count; i++)
        if (request->numbers[i] >= CORRAL_SPAWNER_DESCRIPTORS_MAX) return 0;
    char *text = packet + sizeof *request;
    char *end = packet + size;
    char **next = texts;
    for (uint32_t i = 0; i < 1 + arguments + environment; i++) {
        size_t length = strnlen(text, (size_t)(end - text));
        if (text + length == end) return 0;
        if (i == 1 + arguments) *next++ = NULL;
        *next++ = text;
        text += length + 1;
    }
    if (environment == 0) *next++ = NULL;
    *next = NULL;
    launch->request = request;
    launch->path = texts[0];
    launch->arguments = texts;
    launch->environment = texts + 2 + arguments;
    return text == end && launch->path[0] == '/';
}

static void start(char *packet, size_t size, const corral_spawner_request *request, const int *descriptors, int count) {
    launch launch;
    corral_spawner_reply reply = {.version = CORRAL_SPAWNER_VERSION, .kind = CORRAL_SPAWNER_FAILED, .id = request->id};
    child *slot = find(0);
    if (count != (int)request->descriptor_count || find(request->id) != NULL ||
        !read_launch(packet, size, request, &launch)) {
        reply.step = CORRAL_SPAWNER_STEP_REQUEST;
        reply.errno_value = EINVAL;
    } else if (slot == NULL) {
        reply.step = CORRAL_SPAWNER_STEP_CHILDREN;
        reply.errno_value = EAGAIN;
    } else {
        launch.descriptors = descriptors;
        pid_t pid = spawn_child(&launch, &reply);
        if (pid > 0) {
            *slot = (child){.id = request->id, .pid = pid};
            reply.kind = CORRAL_SPAWNER_LAUNCHED;
            reply.pid = pid;
        }
    }
    unsent = reply;
    has_unsent = 1;
}

static void handle(char *packet, size_t size, const int *descriptors, int count) {
    const corral_spawner_request *request = (const corral_spawner_request *)packet;
    if (size < sizeof *request || request->version != CORRAL_SPAWNER_VERSION || request->id == 0) return;
    if (request->kind == CORRAL_SPAWNER_LAUNCH) {
        start(packet, size, request, descriptors, count);
    } else if (request->kind == CORRAL_SPAWNER_KILL) {
        child *child = find(request->id);
        if (child != NULL && child->pid > 0) kill(child->pid, SIGKILL);
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
    if (size <= 0) leave(size == 0 ? 0 : 1);
    int descriptors[CORRAL_SPAWNER_DESCRIPTORS_MAX];
    int count = take_descriptors(&message, descriptors);
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) size = 0;
    handle(packet, (size_t)size, descriptors, count);
    for (int i = 0; i < count && i < (int)CORRAL_SPAWNER_DESCRIPTORS_MAX; i++) close(descriptors[i]);
}

int main(void) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || close_range(CONTROL + 1, ~0u, 0) != 0) return 1;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    /* The terminal's Ctrl-C is the host's to handle: it drains its runs, and the workers must live that long. */
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGQUIT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return 1;
    int ended = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (ended < 0) return 1;
    struct pollfd watched[2] = {{.fd = ended, .events = POLLIN}, {.fd = CONTROL}};
    for (;;) {
        int waiting = flush();
        watched[1].events = (short)((has_unsent ? 0 : POLLIN) | (waiting ? POLLOUT : 0));
        if (poll(watched, 2, -1) < 0) continue;
        struct signalfd_siginfo information;
        if (watched[0].revents & POLLIN)
            while (read(ended, &information, sizeof information) > 0) {}
        reap();
        if (watched[1].revents & POLLIN) receive();
        else if (watched[1].revents & (POLLHUP | POLLERR | POLLNVAL)) leave(0);
    }
}

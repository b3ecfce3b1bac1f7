/* SPDX-License-Identifier: Apache-2.0
 *
 * liveness.c: attempts on the host itself: not to end, to die in every way, to say what no worker may say. They do not
 * judge themselves: the host must end each, and serve everybody else meanwhile. Only a worker runs them.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <setjmp.h>
#include <sys/socket.h>
#include <sys/uio.h>

void (*breakout_log)(const char *line);

/* The worker's socket to the host. */
#define HOST_SOCKET 3

static _Noreturn void spin_forever(void) {
    for (volatile uint64_t turns = 0;; turns++) continue;
}

static breakout_result spins(void) { spin_forever(); }

static breakout_result hangs(void) {
    for (;;) pause();
}

static breakout_result ignores(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    spin_forever();
}

static breakout_result stops(void) {
    kill(getpid(), SIGSTOP);
    /* As the first of a pid namespace it cannot stop itself: then it goes on to hang. */
    for (;;) pause();
}

static sigjmp_buf back;

static void jumps(int number) { siglongjmp(back, number); }

static breakout_result survives_faults(void) {
    int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
    for (size_t i = 0; i < COUNT_OF(deadly); i++) signal(deadly[i], jumps);
    sigsetjmp(back, 1);
    for (;;) raise(SIGSEGV);
}

static breakout_result prints(void) {
    static char line[4096];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (;;) {
        ssize_t written = write(1, line, sizeof line);
        if (written < 0 && errno != EAGAIN && errno != EINTR) pause();
    }
}

static breakout_result logs(void) {
    if (breakout_log == NULL) return skipped("there is no log");
    for (;;) breakout_log("a line that nobody asked for");
}

/* What would clear a screen, set its title, and forge a line of the log. */
#define HOSTILE_TEXT "\x1b[2J\x1b]0;owned\x07\r\x1b[31mbreakout-mark\nerror forged=true\x00\xff\xfe\u202e"

static breakout_result control_characters(void) {
    ssize_t written = write(2, HOSTILE_TEXT "\n", sizeof HOSTILE_TEXT);
    (void)written;
    if (breakout_log != NULL) breakout_log(HOSTILE_TEXT);
    return blocked("the host shows what came of it");
}

static breakout_result aborts(void) { abort(); }

static breakout_result faults(void) {
    *(volatile int *)8 = 1;
    return blocked("a write to nowhere did nothing");
}

static breakout_result traps(void) { __builtin_trap(); }

static breakout_result leaves(void) { exit(42); }
static breakout_result leaves_at_once(void) { _exit(0); }
static breakout_result kills_itself(void) {
    syscall(SYS_exit_group, 137);
    return blocked("exit_group returned");
}

#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#endif
/* A frame of a page each, used after the call, so that no optimiser makes a loop of it. */
static int deeper(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0];
    return deeper(here) + here[0];
}
#pragma GCC diagnostic pop

static breakout_result overflows(void) {
    volatile char first[1] = {0};
    return blocked("%d", deeper(first));
}

static breakout_result closes_socket(void) {
    shutdown(HOST_SOCKET, SHUT_RDWR);
    close(HOST_SOCKET);
    for (;;) pause();
}

static breakout_result replaces_socket(void) {
    int null = open("/dev/null", O_RDWR);
    /* Where there is no /dev/null, standard input will do: whatever it is, it is not the host. */
    dup2(null >= 0 ? null : 0, HOST_SOCKET);
    for (;;) pause();
}

static void sends(const void *bytes, size_t size) {
    ssize_t written = send(HOST_SOCKET, bytes, size, MSG_NOSIGNAL);
    (void)written;
}

typedef struct header {
    uint32_t payload_bytes;
    uint16_t kind, flags;
    uint64_t call;
} header;

static _Noreturn void wait_for_the_end(void) {
    for (;;) pause();
}

static breakout_result raw_bytes(void) {
    sends("this is no frame, and no frame follows it", 41);
    wait_for_the_end();
}

static breakout_result huge_frame(void) {
    header frame = {UINT32_MAX, 38, 0, 1};
    sends(&frame, sizeof frame);
    wait_for_the_end();
}

/* Kind 3 is a call: only a host makes one. */
static breakout_result forged_kind(void) {
    header frame = {0, 3, 0, 1};
    sends(&frame, sizeof frame);
    wait_for_the_end();
}

static breakout_result unknown_kind(void) {
    header frame = {0, 65535, 0, 0};
    sends(&frame, sizeof frame);
    wait_for_the_end();
}

/* Half a frame, and then no more. */
static breakout_result cut_frame(void) {
    header frame = {4096, 41, 0, 0};
    sends(&frame, sizeof frame);
    shutdown(HOST_SOCKET, SHUT_WR);
    wait_for_the_end();
}

/* Says "done" for every call that a neighbour might have under way. */
static breakout_result forged_ends(void) {
    for (uint64_t call = 1u << 20; call < (1u << 20) + 256; call++) {
        struct {
            header header;
            uint8_t payload[25];
        } __attribute__((packed)) frame = {{25, 40, 0, call}, {0}};
        sends(&frame, sizeof frame);
    }
    return blocked("the host shows what came of it");
}

static breakout_result sends_descriptor(void) {
    header frame = {0, 39, 0, 0};
    struct iovec body = {&frame, sizeof frame};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    int descriptor = 0;
    memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    struct msghdr message = {
        .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    /* The frame is one no host takes, so that the two questions are one: does it end this worker, and keep nothing? */
    if (sendmsg(HOST_SOCKET, &message, MSG_NOSIGNAL) < 0) return blocked("sendmsg: %s", error_name(errno));
    wait_for_the_end();
}

const breakout_attempt liveness_attempts[] = {
    {"spin", "never return", spins, 0, BREAKOUT_JUDGE_DEADLINE},
    {"hang", "never wake up", hangs, 0, BREAKOUT_JUDGE_DEADLINE},
    {"ignore-signals", "ignore every signal and never return", ignores, 0, BREAKOUT_JUDGE_DEADLINE},
    {"stop", "stop by SIGSTOP", stops, 0, BREAKOUT_JUDGE_DEADLINE},
    {"survive-faults", "handle every deadly signal and go on", survives_faults, 0, BREAKOUT_JUDGE_DEADLINE},
    {"print-flood", "print without end", prints, 0, BREAKOUT_JUDGE_DEADLINE},
    {"log-flood", "log without end", logs, 0, BREAKOUT_JUDGE_DEADLINE},
    {"control-characters", "print what moves the operator's cursor", control_characters, 0, BREAKOUT_JUDGE_SURVIVAL},
    {"abort", "die by abort", aborts, 0, BREAKOUT_JUDGE_DEATH},
    {"fault", "die by a write to nowhere", faults, 0, BREAKOUT_JUDGE_DEATH},
    {"trap", "die by an illegal instruction", traps, 0, BREAKOUT_JUDGE_DEATH},
    {"stack-overflow", "die by endless recursion", overflows, 0, BREAKOUT_JUDGE_DEATH},
    {"exit-42", "end the process with 42", leaves, 0, BREAKOUT_JUDGE_DEATH},
    {"exit-0", "end the process as if all were well", leaves_at_once, 0, BREAKOUT_JUDGE_DEATH},
    {"exit-group", "end the process by system call", kills_itself, 0, BREAKOUT_JUDGE_DEATH},
    {"close-socket", "close the host's socket", closes_socket, 0, BREAKOUT_JUDGE_DEATH},
    {"replace-socket", "put something else in the socket's place", replaces_socket, 0, BREAKOUT_JUDGE_DEADLINE},
    {"raw-bytes", "send bytes that are no frame", raw_bytes, 0, BREAKOUT_JUDGE_PROTOCOL},
    {"huge-frame", "announce a frame of 4 GiB", huge_frame, 0, BREAKOUT_JUDGE_PROTOCOL},
    {"forged-kind", "send a frame only a host may send", forged_kind, 0, BREAKOUT_JUDGE_PROTOCOL},
    {"unknown-kind", "send a frame of no known kind", unknown_kind, 0, BREAKOUT_JUDGE_PROTOCOL},
    {"cut-frame", "send half a frame", cut_frame, 0, BREAKOUT_JUDGE_DEATH},
    {"forged-ends", "end calls that are not one's own", forged_ends, 0, BREAKOUT_JUDGE_PROTOCOL},
    {"send-descriptor", "send the host a descriptor", sends_descriptor, 0, BREAKOUT_JUDGE_PROTOCOL},
    END_OF_ATTEMPTS,
};

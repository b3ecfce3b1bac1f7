/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.c: the operator's terminal. Who can put a character into it types the operator's next command (CVE-2017-5226;
 * with high bits set, which a filter that compares 64 bits lets through, CVE-2019-7303).
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <sys/ioctl.h>
#include <termios.h>

/* A terminal to try on: one of the given descriptors, the controlling one, or one of our own making. */
static int terminal(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        if (isatty(descriptor)) return dup(descriptor);
    int controlling = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (controlling >= 0) return controlling;
    int master = open("/dev/ptmx", O_RDWR | O_CLOEXEC | O_NOCTTY);
    char path[32];
    int number = 0, unlocked = 0;
    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) != 0 || ioctl(master, TIOCGPTN, &number) != 0) return master;
    snprintf(path, sizeof path, "/dev/pts/%d", number);
    int slave = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
    /* The master stays open: it ends with the process. */
    return slave >= 0 ? slave : master;
}

static breakout_result asks(unsigned long request, void *argument, const char *what) {
    int descriptor = terminal();
    /* Without a terminal the request is tried on standard input: a filter sees the number only. */
    long returned = syscall(SYS_ioctl, descriptor >= 0 ? descriptor : 0, request, argument);
    int number = errno;
    if (descriptor >= 0) close(descriptor);
    if (returned >= 0) return escaped("%s was obeyed", what);
    return blocked("%s: %s", what, error_name(number));
}

static breakout_result types(void) { return asks(TIOCSTI, "\n", "ioctl(TIOCSTI)"); }
static breakout_result types_high(void) { return asks(TIOCSTI | 1ul << 32, "\n", "ioctl(TIOCSTI with high bits)"); }
static breakout_result line(void) {
    /* 6 = TIOCL_GETSHIFTSTATE: TIOCLINUX can paste too, this only asks. */
    return asks(TIOCLINUX, "\6", "ioctl(TIOCLINUX)");
}

static breakout_result discipline(void) {
    int plain = 0;
    return asks(TIOCSETD, &plain, "ioctl(TIOCSETD)");
}

static breakout_result attributes(void) {
    struct termios state;
    int descriptor = terminal();
    if (descriptor < 0) return blocked("there is no terminal");
    long returned = tcgetattr(descriptor, &state);
    if (returned == 0) returned = tcsetattr(descriptor, TCSANOW, &state);
    breakout_result result = succeeded(returned, "ioctl(TCSETS)");
    close(descriptor);
    return result;
}

static breakout_result given(void) {
    for (int descriptor = 0; descriptor <= 4; descriptor++)
        if (isatty(descriptor)) return escaped("descriptor %d is a terminal", descriptor);
    return blocked("no given descriptor is a terminal");
}

static breakout_result controlling(void) { return opens("/dev/tty", O_RDWR); }
static breakout_result console(void) { return opens("/dev/console", O_WRONLY); }
static breakout_result virtual_terminal(void) { return opens("/dev/tty0", O_WRONLY); }
static breakout_result makes_terminal(void) { return opens("/dev/ptmx", O_RDWR); }

static breakout_result others(void) {
    for (int number = 0; number < 16; number++) {
        char path[32];
        snprintf(path, sizeof path, "/dev/pts/%d", number);
        int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (descriptor < 0) continue;
        close(descriptor);
        return escaped("opened %s", path);
    }
    return blocked("no terminal below /dev/pts opens");
}

static breakout_result new_session(void) {
    return reached(syscall(SYS_setsid), "setsid");
}

const breakout_attempt terminal_attempts[] = {
    {"tiocsti", "type into the operator's terminal", types, 0},
    {"tiocsti-high-bits", "the same with bits the filter may not look at", types_high, 0},
    {"tioclinux", "use the console's clipboard", line, 0},
    {"tiocsetd", "load a line discipline (CVE-2017-2636)", discipline, 0},
    {"tcsets", "change how a terminal behaves", attributes, 0},
    {"tty-given", "be given a terminal", given, 0},
    {"tty-controlling", "open the controlling terminal", controlling, 0},
    {"tty-console", "open the console", console, 0},
    {"tty-virtual", "open a virtual terminal", virtual_terminal, 0},
    {"tty-make", "make a terminal", makes_terminal, 0},
    {"tty-others", "open another user's terminal", others, 0},
    {"setsid", "leave the session", new_session, 0},
    END_OF_ATTEMPTS,
};

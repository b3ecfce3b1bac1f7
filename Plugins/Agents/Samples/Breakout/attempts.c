/* SPDX-License-Identifier: Apache-2.0
 *
 * attempts.c: the catalogue of attempts, and the words they end with.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <stdarg.h>
#include <sys/wait.h>

const breakout_targets *aim;

static const breakout_group groups[] = {
    {"namespaces", namespace_attempts},
    {"namespaces", mount_attempts},
    {"privilege", privilege_attempts},
    {"kernel", kernel_attempts},
    {"kernel", system_attempts},
    {"kernel", memory_attempts},
    {"terminal", terminal_attempts},
    {"files", path_attempts},
    {"files", change_attempts},
    {"files", device_attempts},
    {"files", program_attempts},
    {"files", procfs_attempts},
    {"files", inherited_attempts},
    {"network", network_attempts},
    {"network", family_attempts},
    {"processes", signal_attempts},
    {"processes", process_attempts},
    {"processes", scheduling_attempts},
    {"exhaustion", exhaustion_attempts},
    {"liveness", liveness_attempts},
    {NULL, NULL},
};

const breakout_group *breakout_first_group(void) {
    return groups;
}

const breakout_attempt *breakout_find(const char *name) {
    for (const breakout_group *group = groups; group->class_name != NULL; group++)
        for (const breakout_attempt *attempt = group->attempts; attempt->name != NULL; attempt++)
            if (strcmp(attempt->name, name) == 0) return attempt;
    return NULL;
}

const char *breakout_class_of(const breakout_attempt *wanted) {
    for (const breakout_group *group = groups; group->class_name != NULL; group++)
        for (const breakout_attempt *attempt = group->attempts; attempt->name != NULL; attempt++)
            if (attempt == wanted) return group->class_name;
    return "";
}

breakout_result breakout_run(const breakout_attempt *attempt, const breakout_targets *targets) {
    aim = targets;
    errno = 0;
    return attempt->run();
}

const char *breakout_outcome_name(breakout_outcome outcome) {
    static const char *const names[] = {"blocked", "escaped", "skipped"};
    return names[outcome];
}

const char *breakout_judge_name(breakout_judge judge) {
    static const char *const names[] = {"self", "deadline", "death", "protocol", "survival"};
    return names[judge];
}

static breakout_result result(breakout_outcome outcome, const char *format, va_list values) {
    breakout_result result = {.outcome = outcome};
    vsnprintf(result.detail, sizeof result.detail, format, values);
    return result;
}

#define OUTCOME(name, value) \
    breakout_result name(const char *format, ...) { \
        va_list values; \
        va_start(values, format); \
        breakout_result outcome = result(value, format, values); \
        va_end(values); \
        return outcome; \
    }

OUTCOME(blocked, BREAKOUT_BLOCKED)
OUTCOME(escaped, BREAKOUT_ESCAPED)
OUTCOME(skipped, BREAKOUT_SKIPPED)

const char *error_name(int number) {
    static _Thread_local char text[16];
    const char *name = strerrorname_np(number);
    if (name != NULL) return name;
    snprintf(text, sizeof text, "errno %d", number);
    return text;
}

breakout_result reached(long returned, const char *what) {
    int number = errno;
    if (returned >= 0) return escaped("%s succeeded", what);
    if (number == EPERM || number == EACCES || number == ENOSYS) return blocked("%s: %s", what, error_name(number));
    return escaped("%s reached the kernel (%s)", what, error_name(number));
}

breakout_result succeeded(long returned, const char *what) {
    int number = errno;
    return returned >= 0 ? escaped("%s succeeded", what) : blocked("%s: %s", what, error_name(number));
}

breakout_result opened(int descriptor, const char *what) {
    breakout_result result = succeeded(descriptor, what);
    if (descriptor >= 0) close(descriptor);
    return result;
}

breakout_result opens(const char *path, int flags) {
    if (path[0] == 0) return skipped("the harness prepared no such file");
    char what[200];
    snprintf(what, sizeof what, "open %s", path);
    return opened(open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), what);
}

breakout_result reads_token(const char *path) {
    if (path[0] == 0) return skipped("the harness prepared no such file");
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return blocked("open %s: %s", path, error_name(errno));
    char content[512] = "";
    ssize_t size = read(descriptor, content, sizeof content - 1);
    close(descriptor);
    if (size < 0) return blocked("read %s: %s", path, error_name(errno));
    if (aim->token[0] != 0 && strstr(content, aim->token) != NULL) return escaped("read the secret in %s", path);
    return blocked("%s is another file here", path);
}

breakout_result forks(long returned, const char *what) {
    /* By system call alone: after a fork of a process with threads nothing else is sure to work. */
    if (returned == 0) syscall(SYS_exit_group, 0);
    if (returned < 0) {
        int number = errno;
        /* ENOSPC and EUSERS: a limit of namespaces refused, which is as good as a filter. */
        if (number == ENOSPC || number == EUSERS) return blocked("%s: %s", what, error_name(number));
        return reached(returned, what);
    }
    syscall(SYS_wait4, returned, NULL, 0, NULL);
    return escaped("%s made a process", what);
}

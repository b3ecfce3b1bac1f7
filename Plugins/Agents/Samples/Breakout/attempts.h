/* SPDX-License-Identifier: Apache-2.0
 *
 * attempts.h: what the files of attempts share: the words an attempt ends with, and the few things most of them do.
 */
#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "include/breakout.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What this run aims at; set by breakout_run. */
extern const breakout_targets *aim;

/* Outcomes. */

breakout_result blocked(const char *format, ...) __attribute__((format(printf, 1, 2)));
breakout_result escaped(const char *format, ...) __attribute__((format(printf, 1, 2)));
breakout_result skipped(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "EPERM", or a number. */
const char *error_name(int number);

/* For what the kernel itself would grant or find wrong: only a denial (EPERM, EACCES, ENOSYS) blocks, any other answer
 * means that the kernel's code behind the filter was reached. Reads errno. */
breakout_result reached(long returned, const char *what);

/* For what has an effect: success escapes, every error blocks. Reads errno. */
breakout_result succeeded(long returned, const char *what);

/* As `succeeded`, for a descriptor, which it closes. */
breakout_result opened(int descriptor, const char *what);

/* Files. */

/* A fresh folder that the attempts may write to, or an empty text. */
const char *scratch(void);
/* A path of this attempt's own below `scratch`; valid until the next call. NULL when there is nowhere to write. */
const char *scratch_path(const char *name);
/* Creates a file below `scratch` and returns its descriptor, or -1. */
int scratch_file(const char *name, int mode);
/* For an attempt that cannot even begin without a folder to write to. */
breakout_result nowhere_to_write(void);

/* Whether a file can be read to its token. */
breakout_result reads_token(const char *path);
/* Whether a file can be opened with these flags. */
breakout_result opens(const char *path, int flags);

/* Forks by a raw system call; the child ends at once. Whether there was a child. */
breakout_result forks(long returned, const char *what);

/* Each ends with END_OF_ATTEMPTS. */
extern const breakout_attempt namespace_attempts[], mount_attempts[], privilege_attempts[], kernel_attempts[],
    system_attempts[], memory_attempts[], terminal_attempts[], path_attempts[], change_attempts[], device_attempts[],
    program_attempts[], procfs_attempts[], inherited_attempts[], network_attempts[], family_attempts[],
    signal_attempts[], process_attempts[], scheduling_attempts[], exhaustion_attempts[], liveness_attempts[];

#define END_OF_ATTEMPTS {NULL, NULL, NULL, 0, BREAKOUT_JUDGE_SELF}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * floor.h: what the machine takes for the same work with nothing around it, and the counters that need C.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>
#include <stdint.h>

/* Sends `bytes` to a forked process over a socketpair and reads them back, `count` times, both sides blocking.
 * Returns nanoseconds for all; -1 when a system call failed. */
int64_t floor_round_trips(size_t bytes, int count);

/* The least a durable step can do, `count` times: append 1 KiB to the file at `path` (created, emptied), fdatasync, and a
 * round trip of 1 KiB. Returns nanoseconds for all; -1 when a system call failed. */
int64_t floor_durable_steps(const char *path, int count);

/* How often this process has called fdatasync or fsync. */
uint64_t floor_flushes(void);

#endif

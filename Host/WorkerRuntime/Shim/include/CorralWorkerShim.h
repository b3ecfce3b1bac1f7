/* SPDX-License-Identifier: Apache-2.0
 *
 * CorralWorkerShim.h: what the worker cannot say in Swift: signal handlers (async-signal-safe code only), thread-local
 * notes that such a handler can read, and the seals of a memfd.
 */
#ifndef CORRAL_WORKER_SHIM_H
#define CORRAL_WORKER_SHIM_H

#include <stdint.h>

#define CORRAL_CRASH_MAGIC 0x43524F43u
#define CORRAL_CRASH_SIGNAL 1u
#define CORRAL_CRASH_EXITED 2u
#define CORRAL_NO_PLUGIN UINT32_MAX

/* The last words of a worker, one write to the crash pipe. CrashRecord.swift reads it. */
typedef struct corral_crash_record {
    uint32_t magic;
    uint16_t version;
    uint16_t kind;
    /* The signal, or the exit status. */
    int32_t number;
    uint32_t plugin_by_thread;
    uint32_t plugin_by_address;
    uint32_t reserved;
    /* 0 = none. */
    uint64_t call;
    uint64_t program_counter;
    uint64_t fault_address;
    /* Where in the image of plugin_by_address, from the image's start, as addr2line takes it; 0 without one. */
    uint64_t plugin_offset;
} corral_crash_record;

/* Installs the handlers of deadly signals and of exit. The record goes to `descriptor`. */
void corral_crash_install(int descriptor, uint16_t version);

/* Gives this thread a stack for its signal handlers, so that a stack overflow can be reported. */
void corral_crash_prepare_thread(void);

/* Remembers which addresses belong to a plugin: the whole image that holds `address`. */
void corral_crash_add_image(uint32_t plugin, const void *_Nonnull address);

/* Notes what this thread runs. Plugin CORRAL_NO_PLUGIN and call 0 = nothing. */
void corral_thread_set(uint32_t plugin, uint64_t call);
uint32_t corral_thread_plugin(void);

/* 1 when nobody can ever change the file's bytes or size any more. */
int corral_is_sealed(int descriptor);

/* Forbids this process, for ever: to become another program, to add or change filters, and to signal any process but
 * itself. Call it while there is one thread. Returns 0 or a negative errno. */
int corral_seal_process(void);

/* 2 when a filter of system calls is in force. */
int corral_filter_mode(void);

/* Whether other processes of the same user may read this one's memory: no. */
void corral_forbid_inspection(void);

#endif

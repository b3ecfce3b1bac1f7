/* SPDX-License-Identifier: Apache-2.0
 *
 * crash.c: the record a dying worker leaves. It names the call of the thread at fault and, for threads that are not the
 * worker's own (a Swift task, a plugin's thread), the image that the program counter lies in.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "CorralWorkerShim.h"

#define IMAGES_MAX 256
/* Frames above the one at fault that are looked at: a trap of the Swift runtime is a few calls deep. */
#define FRAMES_MAX 32
#define HANDLER_STACK_BYTES (64 * 1024)

_Static_assert(sizeof(corral_crash_record) == 56, "CrashRecord.swift reads 56 bytes");
_Static_assert(offsetof(corral_crash_record, call) == 24, "CrashRecord.swift reads the call at 24");

typedef struct image {
    uintptr_t start;
    uintptr_t end;
    uint32_t plugin;
} image;

static image images[IMAGES_MAX];
static _Atomic unsigned image_count;
static int crash_descriptor = -1;
static uint16_t record_version;
static atomic_flag is_reported = ATOMIC_FLAG_INIT;

static _Thread_local __attribute__((tls_model("initial-exec"))) uint32_t thread_plugin = CORRAL_NO_PLUGIN;
static _Thread_local __attribute__((tls_model("initial-exec"))) uint64_t thread_call;

void corral_thread_set(uint32_t plugin, uint64_t call) {
    thread_plugin = plugin;
    thread_call = call;
}

uint32_t corral_thread_plugin(void) { return thread_plugin; }

static const image *image_at(uintptr_t address) {
    unsigned count = atomic_load(&image_count);
    for (unsigned i = 0; i < count; i++)
        if (address >= images[i].start && address < images[i].end) return &images[i];
    return NULL;
}

/* Asks the kernel, because reading a bad frame pointer would crash the crash handler: rt_sigprocmask copies the set in
 * (EFAULT when it cannot) before it refuses the unknown operation. */
static int is_readable(uintptr_t address) {
    if (address == 0 || address % sizeof(uintptr_t) != 0) return 0;
    return syscall(SYS_rt_sigprocmask, ~0L, address, NULL, 8L) == -1 && errno == EINVAL;
}

/* The plugin that holds the program counter, or else the nearest frame above it that lies in one. */
static void note_plugin(corral_crash_record *record, uintptr_t counter, uintptr_t frame) {
    const image *image = image_at(counter);
    for (int depth = 0; image == NULL && depth < FRAMES_MAX; depth++) {
        if (!is_readable(frame) || !is_readable(frame + sizeof(uintptr_t))) break;
        const uintptr_t *words = (const uintptr_t *)frame;
        /* The call lies before the address it returns to. */
        counter = words[1] - 1;
        image = image_at(counter);
        if (words[0] <= frame) break;
        frame = words[0];
    }
    if (image == NULL) return;
    record->plugin_by_address = image->plugin;
    record->plugin_offset = counter - image->start;
}

static void report(uint16_t kind, int32_t number, uintptr_t counter, uintptr_t frame, uintptr_t address) {
    if (crash_descriptor < 0 || atomic_flag_test_and_set(&is_reported)) return;
    corral_crash_record record = {
        .magic = CORRAL_CRASH_MAGIC,
        .version = record_version,
        .kind = kind,
        .number = number,
        .plugin_by_thread = thread_plugin,
        .plugin_by_address = CORRAL_NO_PLUGIN,
        .call = thread_call,
        .program_counter = counter,
        .fault_address = address,
    };
    if (counter != 0) note_plugin(&record, counter, frame);
    ssize_t written = write(crash_descriptor, &record, sizeof record);
    (void)written;
}

/* The action is already the default again (SA_RESETHAND); the second signal arrives when this returns. But process 1 of a
 * namespace gets no signal whose action is the default, except for a fault of its own: a fault happens again when this
 * returns, and a signal that was sent, as by abort, becomes one. The record names the signal it was. */
static void on_signal(int number, siginfo_t *information, void *context) {
    int saved = errno;
    const ucontext_t *state = context;
#if defined(__x86_64__)
    uintptr_t counter = (uintptr_t)state->uc_mcontext.gregs[REG_RIP];
    uintptr_t frame = (uintptr_t)state->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
    uintptr_t counter = state->uc_mcontext.pc;
    uintptr_t frame = state->uc_mcontext.regs[29];
#else
#error "which registers hold the program counter and the frame pointer here?"
#endif
    int is_fault = number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE;
    report(CORRAL_CRASH_SIGNAL, number, counter, frame, is_fault ? (uintptr_t)information->si_addr : 0);
    errno = saved;
    if (getpid() == 1 && information->si_code <= 0) {
        signal(SIGILL, SIG_DFL);
        __builtin_trap();
    }
    raise(number);
}

static void on_leaving(int status, void *unused) {
    (void)unused;
    report(CORRAL_CRASH_EXITED, status, 0, 0, 0);
}

void corral_crash_install(int descriptor, uint16_t version) {
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
    crash_descriptor = descriptor;
    record_version = version;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) sigaction(deadly[i], &action, NULL);
    /* A write to a peer that is gone is an error of that write. */
    signal(SIGPIPE, SIG_IGN);
    on_exit(on_leaving, NULL);
}

void corral_crash_prepare_thread(void) {
    void *memory = mmap(NULL, HANDLER_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t stack = {.ss_sp = memory, .ss_size = HANDLER_STACK_BYTES};
    sigaltstack(&stack, NULL);
}

typedef struct search {
    uintptr_t address;
    image found;
} search;

static int match_image(struct dl_phdr_info *information, size_t size, void *argument) {
    (void)size;
    search *search = argument;
    uintptr_t start = UINTPTR_MAX, end = 0;
    for (int i = 0; i < information->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &information->dlpi_phdr[i];
        if (header->p_type != PT_LOAD) continue;
        uintptr_t first = information->dlpi_addr + header->p_vaddr;
        if (first < start) start = first;
        if (first + header->p_memsz > end) end = first + header->p_memsz;
    }
    if (search->address < start || search->address >= end) return 0;
    search->found.start = start;
    search->found.end = end;
    return 1;
}

void corral_crash_add_image(uint32_t plugin, const void *address) {
    search search = {.address = (uintptr_t)address, .found = {.plugin = plugin}};
    unsigned count = atomic_load(&image_count);
    if (count == IMAGES_MAX || dl_iterate_phdr(match_image, &search) == 0) return;
    images[count] = search.found;
    atomic_store(&image_count, count + 1);
}

int corral_is_sealed(int descriptor) {
    int wanted = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(descriptor, F_GET_SEALS);
    return seals >= 0 && (seals & wanted) == wanted;
}

void corral_forbid_inspection(void) { prctl(PR_SET_DUMPABLE, 0); }

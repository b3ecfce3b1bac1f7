/* SPDX-License-Identifier: Apache-2.0
 *
 * calls.h: the lists of filter.c. A call that only x86-64 has stands behind its #if; one that is newer than the headers of
 * Debian 12 stands as its number, which is the same on every architecture.
 */
#ifndef CORRAL_SPAWNER_CALLS_H
#define CORRAL_SPAWNER_CALLS_H

#include <stdint.h>
#include <sys/syscall.h>

/* What only an attack on the kernel or on another process uses. */
static const uint16_t killed[] = {
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_pidfd_getfd, SYS_kcmp,
    SYS_bpf, SYS_userfaultfd, SYS_perf_event_open, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
    SYS_keyctl, SYS_add_key, SYS_request_key, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare,
    SYS_setns, SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr,
    SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_kexec_load, SYS_kexec_file_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl,
    443 /* quotactl_fd */, SYS_lookup_dcookie, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime,
    SYS_vhangup, SYS_syslog, SYS_fanotify_init, SYS_fanotify_mark,
#if defined(__x86_64__)
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_create_module, SYS_uselib,
#endif
};

/* Files that are open or may be opened, memory, threads, signals to oneself, time, waiting, and asking who one is. */
static const uint16_t allowed[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_preadv2,
    SYS_pwritev2, SYS_close, SYS_close_range, SYS_dup, SYS_dup3, SYS_fstat, SYS_newfstatat,
    SYS_statx, SYS_statfs, SYS_fstatfs, SYS_faccessat, SYS_faccessat2, SYS_lseek, SYS_getdents64,
    SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_readlinkat,
    SYS_truncate, SYS_ftruncate, SYS_fallocate, SYS_fadvise64, SYS_readahead,
    SYS_flock, SYS_fsync, SYS_fdatasync, SYS_sync_file_range, SYS_copy_file_range, SYS_sendfile, SYS_splice,
    SYS_umask, SYS_chdir, SYS_fchdir, SYS_getcwd, SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr,
    SYS_listxattr, SYS_llistxattr, SYS_flistxattr,
    SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mincore, SYS_msync, SYS_brk, SYS_membarrier,
    SYS_mlock, SYS_munlock, SYS_mlock2, SYS_pkey_alloc, SYS_pkey_free, SYS_pkey_mprotect,
    453 /* map_shadow_stack */, 462 /* mseal */,
    SYS_set_tid_address, SYS_set_robust_list, SYS_rseq, SYS_futex, 449 /* futex_waitv */,
    454 /* futex_wake */, 455 /* futex_wait */, 456 /* futex_requeue */, SYS_exit, SYS_exit_group, SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_getcpu,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigtimedwait,
    SYS_rt_sigsuspend, SYS_sigaltstack, SYS_restart_syscall, SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_times,
    SYS_getitimer, SYS_setitimer, SYS_timer_create, SYS_timer_settime, SYS_timer_gettime, SYS_timer_getoverrun,
    SYS_timer_delete, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime,
    SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_eventfd2,
    SYS_signalfd4, SYS_pipe2, SYS_recvfrom, SYS_recvmsg, SYS_shutdown, SYS_getsockopt, SYS_getsockname,
    SYS_getpeername,
    SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid,
    SYS_getresgid, SYS_getgroups, SYS_getpgid, SYS_getsid, SYS_getrlimit, SYS_getrusage, SYS_capget, SYS_uname,
    SYS_sysinfo, SYS_getrandom,
    SYS_execve,
#if defined(__x86_64__)
    SYS_stat, SYS_lstat, SYS_access, SYS_getdents, SYS_rmdir, SYS_unlink,
    SYS_rename, SYS_link, SYS_symlink, SYS_readlink, SYS_dup2,
    SYS_pipe, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_signalfd,
    SYS_pause, SYS_alarm, SYS_time, SYS_getpgrp, SYS_arch_prctl,
#endif
};

/* Children: a program's filter is theirs too. */
static const uint16_t allowed_to_programs[] = {
    SYS_wait4, SYS_waitid, SYS_execveat, SYS_setpgid, SYS_setsid, SYS_memfd_create, SYS_setrlimit, SYS_setpriority,
    SYS_sched_setaffinity, SYS_tkill, SYS_personality, SYS_capset, SYS_mknodat, SYS_sync, SYS_syncfs,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork, SYS_mknod,
#endif
};

/* By path and without a right of Landlock's: only for who has a root of its own, where no path leads to the host's files. */
static const uint16_t allowed_behind_mounts[] = {
    SYS_fchmodat, 452 /* fchmodat2 */, SYS_utimensat, SYS_fchown, SYS_fchownat, SYS_inotify_init1, SYS_inotify_add_watch,
    SYS_inotify_rm_watch, SYS_setxattr, SYS_fsetxattr, SYS_lsetxattr, SYS_removexattr, SYS_fremovexattr,
#if defined(__x86_64__)
    SYS_chmod, SYS_utime, SYS_utimes, SYS_futimesat, SYS_chown, SYS_lchown, SYS_inotify_init,
#endif
};

/* The network; which sockets, filter.c says. */
static const uint16_t allowed_to_brokers[] = {
    SYS_connect, SYS_bind, SYS_sendmmsg, SYS_recvmmsg, SYS_setsockopt,
};

#endif

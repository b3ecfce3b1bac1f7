/* SPDX-License-Identifier: Apache-2.0
 *
 * CorralSocket.h: the socket calls whose CMSG macros Swift cannot import, sealed memfds, a system
 * program that inherits nothing, and the headers of epoll and eventfd, which Swift's Glibc module
 * leaves out. Every function returns a negative errno instead of setting errno.
 */
#ifndef CORRAL_SOCKET_H
#define CORRAL_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

/* Descriptors that may ride with one message. The kernel allows 253. */
#define CORRAL_DESCRIPTORS_MAX 128

/* sendmsg with MSG_NOSIGNAL: two runs of bytes and descriptors with the first byte. Returns the bytes sent. */
ssize_t corral_socket_send(int fd, const void *_Nullable first, size_t first_size, const void *_Nullable second,
                           size_t second_size, const int *_Nullable descriptors, int descriptor_count);

/* recvmsg with MSG_CMSG_CLOEXEC. *descriptor_count: in = room, out = number received. Without room, descriptors that the
 * peer sent are closed by the kernel and *truncated becomes 1. Returns the bytes read, 0 at the end of the stream. */
ssize_t corral_socket_receive(int fd, void *_Nonnull buffer, size_t size, int *_Nullable descriptors,
                              int *_Nonnull descriptor_count, int *_Nonnull truncated);

/* A connected pair of stream sockets, both close-on-exec. Returns 0. */
int corral_socket_pair(int *_Nonnull a, int *_Nonnull b);

/* A memfd that holds exactly these bytes and can never change again (write, grow, shrink and seals sealed). Returns it. */
int corral_sealed_memfd(const char *_Nonnull name, const void *_Nullable bytes, size_t size);

/* A sealed memfd with the first `size` bytes of the file `source`, read from its start. Returns it; -EIO when the file
 * is shorter. */
int corral_sealed_memfd_from(const char *_Nonnull name, int source, size_t size);

/* An empty memfd to write to, close-on-exec. Returns it. */
int corral_memfd(const char *_Nonnull name);

/* Appends all of the bytes. Returns 0. */
int corral_memfd_write(int fd, const void *_Nullable bytes, size_t size);

/* Makes a memfd unchangeable and moves its offset to its start. Returns it; closes it when that fails. */
int corral_memfd_seal(int fd);

/* Runs a program of the system's in `folder` and waits for its end: no descriptor but /dev/null, no environment but this,
 * and whatever this process opens meanwhile stays its own. Returns the exit status, 128 + the signal that ended it. */
int corral_run_alone(const char *_Nonnull program, char *_Nullable const *_Nonnull arguments,
                     char *_Nullable const *_Nonnull environment, const char *_Nonnull folder);

/* How many bytes of data a TCP socket has sent, repetitions not counted, and received: TCP_INFO (tcp(7), Linux 4.19). 0, or
 * -errno. */
int corral_socket_traffic(int fd, uint64_t *_Nonnull sent, uint64_t *_Nonnull received);

/* A pipe whose ends are close-on-exec. Returns 0. */
int corral_pipe(int *_Nonnull reading, int *_Nonnull writing);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CorralSocket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

typedef union control_buffer {
    struct cmsghdr alignment;
    char bytes[CMSG_SPACE(CORRAL_DESCRIPTORS_MAX * sizeof(int))];
} control_buffer;

ssize_t corral_socket_send(int fd, const void *first, size_t first_size, const void *second, size_t second_size,
                           const int *descriptors, int descriptor_count) {
    struct iovec runs[2] = {{(void *)first, first_size}, {(void *)second, second_size}};
    struct msghdr message = {.msg_iov = runs, .msg_iovlen = second_size > 0 ? 2 : 1};
    control_buffer control;
    if (descriptor_count < 0 || descriptor_count > CORRAL_DESCRIPTORS_MAX) return -EINVAL;
    if (descriptor_count > 0) {
        size_t size = (size_t)descriptor_count * sizeof(int);
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(header), descriptors, size);
    }
    for (;;) {
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno != EINTR) return -errno;
    }
}

/* Moves the received descriptors to the caller's array; closes those that do not fit. */
static int take_descriptors(struct msghdr *message, int *descriptors, int room, int *truncated) {
    int count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t received = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < received; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            if (descriptors != NULL && count < room) {
                descriptors[count++] = fd;
            } else {
                close(fd);
                *truncated = 1;
            }
        }
    }
    return count;
}

ssize_t corral_socket_receive(int fd, void *buffer, size_t size, int *descriptors, int *descriptor_count,
                              int *truncated) {
    struct iovec run = {buffer, size};
    control_buffer control;
    int room = *descriptor_count;
    struct msghdr message = {.msg_iov = &run, .msg_iovlen = 1};
    if (room > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
    }
    *descriptor_count = 0;
    *truncated = 0;
    for (;;) {
        ssize_t received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) return -errno;
        if (message.msg_flags & MSG_CTRUNC) *truncated = 1;
        if (room > 0) *descriptor_count = take_descriptors(&message, descriptors, room, truncated);
        return received;
    }
}

int corral_socket_pair(int *a, int *b) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return -errno;
    *a = pair[0];
    *b = pair[1];
    return 0;
}

static int seal(int fd) {
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (fcntl(fd, F_ADD_SEALS, seals) == 0 && lseek(fd, 0, SEEK_SET) == 0) return fd;
    int reason = -errno;
    close(fd);
    return reason;
}

int corral_memfd(const char *name) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd < 0 ? -errno : fd;
}

int corral_memfd_write(int fd, const void *bytes, size_t size) {
    size_t written = 0;
    while (written < size) {
        ssize_t count = write(fd, (const char *)bytes + written, size - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count < 0 ? -errno : -EIO;
        written += (size_t)count;
    }
    return 0;
}

int corral_memfd_seal(int fd) { return seal(fd); }

int corral_sealed_memfd(const char *name, const void *bytes, size_t size) {
    int fd = corral_memfd(name);
    if (fd < 0) return fd;
    int reason = corral_memfd_write(fd, bytes, size);
    if (reason == 0) return seal(fd);
    close(fd);
    return reason;
}

int corral_sealed_memfd_from(const char *name, int source, size_t size) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -errno;
    off_t offset = 0;
    while ((size_t)offset < size) {
        ssize_t count = sendfile(fd, source, &offset, size - (size_t)offset);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            int reason = count < 0 ? -errno : -EIO;
            close(fd);
            return reason;
        }
    }
    return seal(fd);
}

int corral_run_alone(const char *program, char *const *arguments, char *const *environment, const char *folder) {
    posix_spawn_file_actions_t actions;
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0) return -reason;
    for (int fd = 0; fd < 3 && reason == 0; fd++)
        reason = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
    if (reason == 0) reason = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (reason == 0) reason = posix_spawn_file_actions_addchdir_np(&actions, folder);
    pid_t pid = -1;
    if (reason == 0) reason = posix_spawn(&pid, program, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (reason != 0) return -reason;
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int corral_socket_traffic(int fd, uint64_t *sent, uint64_t *received) {
    /* struct tcp_info of linux/tcp.h, which does not go with netinet/tcp.h: bytes_received at 128, bytes_sent at 200,
     * bytes_retrans at 208. Members are only ever appended. */
    uint64_t info[32] = {0};
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, 11 /* TCP_INFO */, info, &size) != 0) return -errno;
    if (size < 216) return -ENOSYS;
    *received = info[128 / 8];
    *sent = info[200 / 8] - info[208 / 8];
    return 0;
}

int corral_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

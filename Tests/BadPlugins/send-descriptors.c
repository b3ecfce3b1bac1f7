/* SPDX-License-Identifier: Apache-2.0
 *
 * send-descriptors.c: sends the host descriptors with a byte that is no frame yet: 64 in a message, a hundred messages.
 */
#include "plugin.h"
#include <sys/socket.h>
#include <unistd.h>

AGENT_PLUGIN("send-descriptors")

#define COUNT 64

static corral_status run_agent(corral_call call, const corral_request *request) {
    char byte = 0;
    struct iovec run = {&byte, 1};
    union {
        struct cmsghdr alignment;
        char bytes[CMSG_SPACE(COUNT * sizeof(int))];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &run, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(COUNT * sizeof(int));
    int sent[COUNT];
    for (int i = 0; i < COUNT; i++) sent[i] = 1;
    memcpy(CMSG_DATA(header), sent, sizeof sent);
    for (int i = 0; i < 100; i++)
        if (sendmsg(3, &message, MSG_NOSIGNAL) < 0) break;
    return host->push_result(call, request->body);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * network.c: talking to somebody. The harness listens on this machine, so that nothing leaves it; the detours (MPTCP, fast
 * open, UDP) are those that get past a filter which knows TCP only.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IPPROTO_SMC
#define IPPROTO_SMC 256
#endif

/* The kernel's own words for "I have no such thing". */
static int is_absent(int number) {
    return number == EAFNOSUPPORT || number == EPROTONOSUPPORT || number == ESOCKTNOSUPPORT || number == EPROTOTYPE;
}

static breakout_result no_socket(const char *what) {
    if (is_absent(errno)) return skipped("this kernel has no %s (%s)", what, error_name(errno));
    return blocked("socket for %s: %s", what, error_name(errno));
}

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static breakout_result connects(int protocol, const char *what) {
    if (aim->tcp_port == 0) return skipped("nobody listens");
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) return no_socket(what);
    struct sockaddr_in address = loopback(aim->tcp_port);
    breakout_result result = succeeded(connect(descriptor, (void *)&address, sizeof address), what);
    close(descriptor);
    return result;
}

static breakout_result tcp4(void) { return connects(0, "TCP"); }
static breakout_result mptcp(void) { return connects(IPPROTO_MPTCP, "MPTCP"); }
static breakout_result sctp(void) { return connects(IPPROTO_SCTP, "SCTP"); }

static breakout_result tcp6(void) {
    int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return no_socket("TCP over IPv6");
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(aim->tcp_port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    long returned = connect(descriptor, (void *)&address, sizeof address);
    int number = errno;
    close(descriptor);
    /* Refused: the network was reached, whether or not the harness listens on IPv6. */
    if (returned == 0 || number == ECONNREFUSED) return escaped("reached the machine's IPv6 loopback");
    return blocked("connect: %s", error_name(number));
}

static breakout_result fast_open(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return no_socket("TCP");
    struct sockaddr_in address = loopback(aim->tcp_port);
    long sent = sendto(descriptor, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&address, sizeof address);
    breakout_result result = succeeded(sent, "sendto(MSG_FASTOPEN)");
    close(descriptor);
    return result;
}

static breakout_result smc(void) {
    int descriptor = socket(43, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return no_socket("SMC");
    close(descriptor);
    return escaped("opened an SMC socket");
}

static breakout_result udp4(void) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return no_socket("UDP");
    struct sockaddr_in address = loopback(aim->udp_port != 0 ? aim->udp_port : 9);
    breakout_result result = succeeded(sendto(descriptor, "x", 1, 0, (void *)&address, sizeof address), "sending UDP");
    close(descriptor);
    return result;
}

static breakout_result udp_lite(void) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);
    if (descriptor < 0) return no_socket("UDP-Lite");
    close(descriptor);
    return escaped("opened a UDP-Lite socket");
}

static breakout_result listens(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return no_socket("TCP");
    struct sockaddr_in address = loopback(0);
    long returned = bind(descriptor, (void *)&address, sizeof address);
    if (returned == 0) returned = listen(descriptor, 1);
    breakout_result result = succeeded(returned, "listening");
    close(descriptor);
    return result;
}

static breakout_result binds_udp(void) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return no_socket("UDP");
    struct sockaddr_in address = loopback(0);
    breakout_result result = succeeded(bind(descriptor, (void *)&address, sizeof address), "binding UDP");
    close(descriptor);
    return result;
}

static breakout_result unix_at(const char *name, int is_abstract, int type, const char *what) {
    if (name[0] == 0) return skipped("nobody listens");
    int descriptor = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return no_socket(what);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    memcpy(address.sun_path + is_abstract, name, length < 100 ? length : 100);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + is_abstract + length + !is_abstract);
    breakout_result result = succeeded(connect(descriptor, (void *)&address, size), what);
    close(descriptor);
    return result;
}

static breakout_result unix_path(void) { return unix_at(aim->socket, 0, SOCK_STREAM, "a socket's path"); }
static breakout_result unix_abstract(void) { return unix_at(aim->abstract, 1, SOCK_STREAM, "an abstract socket"); }
static breakout_result system_log(void) { return unix_at("/dev/log", 0, SOCK_DGRAM, "the system log"); }

static breakout_result daemons(void) {
    static const char *const paths[] = {
        "/run/dbus/system_bus_socket", "/var/run/docker.sock", "/run/systemd/private", "/run/containerd/containerd.sock",
        "/run/snapd.socket", "/var/run/nscd/socket", "/run/udev/control"};
    breakout_result result = blocked("no daemon's socket is here");
    for (size_t i = 0; i < COUNT_OF(paths) && result.outcome == BREAKOUT_BLOCKED; i++)
        result = unix_at(paths[i], 0, SOCK_STREAM, paths[i]);
    return result;
}

static breakout_result control_socket(void) {
    char path[400];
    snprintf(path, sizeof path, "%.80s/control.sock", aim->home);
    return aim->home[0] == 0 ? skipped("there is no host") : unix_at(path, 0, SOCK_STREAM, "the host's control socket");
}

static breakout_result interfaces(void) {
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) return blocked("getifaddrs: %s", error_name(errno));
    int others = 0;
    for (struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next)
        others += strcmp(entry->ifa_name, "lo") != 0;
    freeifaddrs(list);
    return others > 0 ? escaped("listed the machine's interfaces") : blocked("there is no interface here");
}

/* On the given socket: whether a second peer, or a descriptor, can be had of it. */
static breakout_result accepts(void) {
    int descriptor = (int)syscall(SYS_accept4, -1, NULL, NULL, 0);
    return reached(descriptor, "accept");
}

static breakout_result sets_options(void) { return reached(syscall(SYS_setsockopt, -1, 1, 1, NULL, 0), "setsockopt"); }
static breakout_result connects_anything(void) {
    struct sockaddr_in address = loopback(aim->tcp_port);
    return reached(syscall(SYS_connect, -1, &address, sizeof address), "connect");
}

const breakout_attempt network_attempts[] = {
    {"tcp4", "connect to a port", tcp4, 0},
    {"tcp6", "connect over IPv6", tcp6, 0},
    {"mptcp", "connect by multipath TCP", mptcp, 0},
    {"sctp", "connect by SCTP", sctp, 0},
    {"smc", "open a socket of shared memory", smc, 0},
    {"tcp-fast-open", "connect by sending", fast_open, 0},
    {"udp4", "send a datagram", udp4, 0},
    {"udp-lite", "open a socket for half-checked datagrams", udp_lite, 0},
    {"tcp-listen", "listen on a port", listens, 0},
    {"udp-bind", "take a port", binds_udp, 0},
    {"unix-path", "connect to a socket of the host's user", unix_path, 0},
    {"unix-abstract", "connect to an abstract socket", unix_abstract, 0},
    {"unix-log", "write to the system log", system_log, 0},
    {"unix-daemons", "talk to the machine's daemons", daemons, 0},
    {"unix-control", "give the host orders", control_socket, 0},
    {"interfaces", "list network interfaces", interfaces, 0},
    {"accept-call", "reach accept", accepts, 0},
    {"connect-call", "reach connect", connects_anything, 0},
    {"setsockopt-call", "reach setsockopt", sets_options, 0},
    END_OF_ATTEMPTS,
};

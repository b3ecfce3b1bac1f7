/* SPDX-License-Identifier: Apache-2.0
 *
 * families.c: sockets of other families. Each is a parser in the kernel that few people read; opening one often loads its
 * module.
 */
#define _GNU_SOURCE
#include "attempts.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

static breakout_result opens_family(int family, int type, int protocol, const char *what) {
    int descriptor = socket(family, type | SOCK_CLOEXEC, protocol);
    int number = errno;
    if (descriptor >= 0) {
        close(descriptor);
        return escaped("opened a socket for %s", what);
    }
    if (number == EAFNOSUPPORT || number == EPROTONOSUPPORT || number == ESOCKTNOSUPPORT)
        return skipped("this kernel has no %s (%s)", what, error_name(number));
    return blocked("socket for %s: %s", what, error_name(number));
}

#define FAMILY(name, family, type, protocol, what) \
    static breakout_result name(void) { return opens_family(family, type, protocol, what); }

FAMILY(raw, AF_INET, SOCK_RAW, IPPROTO_TCP, "raw IP")
FAMILY(raw_icmp, AF_INET, SOCK_RAW, IPPROTO_ICMP, "raw ICMP")
FAMILY(ping, AF_INET, SOCK_DGRAM, IPPROTO_ICMP, "ping")
FAMILY(packet, AF_PACKET, SOCK_RAW, 0, "packets")
FAMILY(route, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "netlink routes")
FAMILY(filters, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, "netlink filters")
FAMILY(audit, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT, "netlink audit")
FAMILY(events, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT, "netlink device events")
FAMILY(diagnosis, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG, "netlink socket diagnosis")
FAMILY(transform, AF_NETLINK, SOCK_RAW, NETLINK_XFRM, "netlink IPsec")
FAMILY(machine, AF_VSOCK, SOCK_STREAM, 0, "the hypervisor")
FAMILY(cipher, AF_ALG, SOCK_SEQPACKET, 0, "kernel ciphers")
FAMILY(express, AF_XDP, SOCK_RAW, 0, "XDP")
FAMILY(bluetooth, AF_BLUETOOTH, SOCK_RAW, 1, "Bluetooth")
FAMILY(can, AF_CAN, SOCK_RAW, 1, "CAN")
FAMILY(tipc, AF_TIPC, SOCK_SEQPACKET, 0, "TIPC")
FAMILY(rds, AF_RDS, SOCK_SEQPACKET, 0, "RDS")
FAMILY(key, AF_KEY, SOCK_RAW, 2, "IPsec keys")
FAMILY(unix_any, AF_UNIX, SOCK_STREAM, 0, "local sockets")
FAMILY(unix_datagrams, AF_UNIX, SOCK_DGRAM, 0, "local datagrams")
FAMILY(inet6, AF_INET6, SOCK_DGRAM, 0, "IPv6 datagrams")

/* All others there may be, so that none is forgotten that a later kernel brings. */
static breakout_result any(void) {
    for (int family = 1; family < 64; family++)
        for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type++) {
            int descriptor = socket(family, type | SOCK_CLOEXEC, 0);
            if (descriptor < 0) continue;
            close(descriptor);
            return escaped("family %d opens with type %d", family, type);
        }
    return blocked("no family opens");
}

static breakout_result pairs(void) {
    int ends[2];
    for (int family = 2; family < 46; family++) {
        if (socketpair(family, SOCK_STREAM, 0, ends) != 0) continue;
        close(ends[0]);
        close(ends[1]);
        return escaped("a pair of sockets of family %d", family);
    }
    return blocked("no pair but local ones");
}

const breakout_attempt family_attempts[] = {
    {"raw-ip", "forge IP packets", raw, 0},
    {"raw-icmp", "forge ICMP packets", raw_icmp, 0},
    {"ping", "send echo requests", ping, 0},
    {"packet", "hear every packet", packet, 0},
    {"netlink-route", "read and change routes", route, 0},
    {"netlink-filter", "reach nf_tables", filters, 0},
    {"netlink-audit", "write audit records", audit, 0},
    {"netlink-uevent", "hear of devices", events, 0},
    {"netlink-diag", "list everybody's sockets", diagnosis, 0},
    {"netlink-xfrm", "reach IPsec", transform, 0},
    {"vsock", "talk to the hypervisor", machine, 0},
    {"af-alg", "use the kernel's ciphers", cipher, 0},
    {"af-xdp", "share rings with a network card", express, 0},
    {"af-bluetooth", "open a Bluetooth socket", bluetooth, 0},
    {"af-can", "open a CAN socket", can, 0},
    {"af-tipc", "open a TIPC socket", tipc, 0},
    {"af-rds", "open an RDS socket", rds, 0},
    {"af-key", "manage IPsec keys", key, 0},
    {"af-unix", "open a local socket", unix_any, 0},
    {"af-unix-datagram", "open a local socket for datagrams", unix_datagrams, 0},
    {"af-inet6", "open an IPv6 socket", inet6, 0},
    {"af-any", "open a socket of any family at all", any, 0},
    {"socketpair-any", "make a pair of sockets that are not local", pairs, 0},
    END_OF_ATTEMPTS,
};

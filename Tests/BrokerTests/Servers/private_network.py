# SPDX-License-Identifier: Apache-2.0
"""Inside an own network namespace: gives loopback a public address too, answers names as a hostile DNS server would, and
becomes the program it is given, which then lives in a small Internet of its own.

usage: private_network.py PROGRAM [NAME-THAT-WAS-ASKED-FOR-BEFORE]
names: public.test 93.184.216.34; private.test 10.9.9.9; rebind.test the public address once, then 127.0.0.1;
       slow.test no answer at all; both.test the loopback and the public address; metadata.test 169.254.169.254; six.test a mapped loopback address
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

PUBLIC = "93.184.216.34"
ANSWERS = {
    "public.test": [[PUBLIC]], "private.test": [["10.9.9.9"]], "rebind.test": [[PUBLIC], ["127.0.0.1"]],
    "both.test": [["127.0.0.1", PUBLIC]], "metadata.test": [["169.254.169.254"]],
}
SIX = {"six.test": "::ffff:127.0.0.1", "translated.test": "64:ff9b::7f00:1"}


def shell(*words):
    subprocess.run(words, check=True)


def answer(query, asked):
    name, at = [], 12
    while query[at]:
        name.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind = struct.unpack(">H", query[at + 1:at + 3])[0]
    text = ".".join(name).lower()
    records = []
    if kind == 1 and text in ANSWERS:
        turns = ANSWERS[text]
        turn = turns[min(asked.get(text, 0), len(turns) - 1)]
        asked[text] = asked.get(text, 0) + 1
        records = [socket.inet_aton(address) for address in turn]
    if kind == 28 and text in SIX:
        records = [socket.inet_pton(socket.AF_INET6, SIX[text])]
    known = text in ANSWERS or text in SIX
    head = query[:2] + struct.pack(">HHHHH", 0x8180 if known else 0x8183, 1, len(records), 0, 0)
    body = query[12:at + 5]
    for record in records:
        body += struct.pack(">HHHIH", 0xC00C, kind, 1, 0, len(record)) + record
    return head + body


def names():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    asked = {name: 1 for name in sys.argv[2:]}
    while True:
        query, peer = server.recvfrom(4096)
        if b"\x04slow\x04test" in query:
            continue
        try:
            server.sendto(answer(query, asked), peer)
        except (IndexError, struct.error):
            pass


def main():
    shell("ip", "link", "set", "lo", "up")
    for address in (PUBLIC, "10.9.9.9", "169.254.169.254"):
        shell("ip", "address", "add", address + "/32", "dev", "lo")
    folder = tempfile.mkdtemp()
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"), ("nsswitch.conf", "hosts: dns\n")):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        shell("mount", "--bind", os.path.realpath(path), os.path.realpath("/etc/" + name))
    program = sys.argv[1]
    ready, told = os.pipe()
    if os.fork() == 0:
        # The servers keep nothing of the socket to the host: its end must be the end of everything.
        os.close(3)
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import http_peer
        threading.Thread(target=names, daemon=True).start()
        http_peer.serve("0.0.0.0", 80)
        os.write(told, b"!")
        threading.Event().wait()
    os.read(ready, 1)
    os.execv(program, [program])


main()

# SPDX-License-Identifier: Apache-2.0
"""A peer for the broker's tests: good, slow, broken and hostile answers on loopback. Prints its port and ends with its
standard input, so that no test leaves it behind.

usage: http_peer.py [--tls CERT KEY] [--proxy] [--tls-proxy-none]
"""
import gzip
import json
import select
import socket
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

BOMB = None
counts = {}
lock = threading.Lock()


def count(name):
    with lock:
        counts[name] = counts.get(name, 0) + 1


def bomb():
    global BOMB
    with lock:
        if BOMB is None:
            BOMB = gzip.compress(bytes(64 << 20), 9)
        return BOMB


class Peer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    is_proxy = False
    proxy_secret = None

    def log_message(self, *arguments):
        pass

    # Every method arrives here.
    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def do_CONNECT(self):
        count("CONNECT " + self.path)
        if not self.is_proxy:
            return self.plain(405, b"no proxy")
        if self.path.startswith("forbidden."):
            return self.plain(403, b"no")
        host, port = self.path.rsplit(":", 1)
        # What a name is behind the proxy is the proxy's business.
        upstream = socket.create_connection(("127.0.0.1", int(port)))
        self.send_response(200, "Connection established")
        self.end_headers()
        pair = [self.connection, upstream]
        while True:
            ready, _, _ = select.select(pair, [], [], 30)
            if not ready:
                return
            for end in ready:
                data = end.recv(65536)
                if not data:
                    self.close_connection = True
                    return
                (upstream if end is self.connection else self.connection).sendall(data)

    def plain(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer(self):
        target = self.path
        if self.is_proxy and target.startswith("http://"):
            count("FORWARD " + urlsplit(target).netloc)
            return self.plain(200, b"forwarded")
        parts = urlsplit(target)
        query = {key: value[0] for key, value in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        name = parts.path.split("/")[1] or "hello"
        count(name)
        try:
            getattr(self, "on_" + name.replace("-", "_"))(parts, query)
        except (BrokenPipeError, ConnectionResetError):
            count("closed by peer")
            self.close_connection = True

    def on_hello(self, parts, query):
        self.plain(200, b"hello", [("Content-Type", "text/plain")])

    def on_echo(self, parts, query):
        seen = {
            "method": self.command, "path": self.path, "headers": [[n.lower(), v] for n, v in self.headers.items()],
            "body": self.body.decode("latin-1"),
        }
        self.plain(200, json.dumps(seen).encode(), [("Content-Type", "application/json")])

    def on_whereami(self, parts, query):
        self.plain(200, self.connection.getsockname()[0].encode())

    def on_check(self, parts, query):
        # The expected key comes backwards, so that whoever asks need not hold it.
        expected = "Bearer " + query["backwards"][::-1]
        self.plain(200, b"right" if self.headers.get("Authorization") == expected else b"wrong")

    def on_counts(self, parts, query):
        with lock:
            body = json.dumps(counts).encode()
        self.plain(200, body)

    def on_status(self, parts, query):
        self.plain(int(parts.path.split("/")[2]), b"as asked")

    def on_binary(self, parts, query):
        self.plain(200, bytes(range(256)))

    def on_redirect(self, parts, query):
        self.plain(int(query.get("code", "302")), b"over there", [("Location", unquote(query["to"]))])

    def on_loop(self, parts, query):
        self.plain(302, b"", [("Location", "/loop/" + str(int(parts.path.split("/")[2]) + 1))])

    def on_bomb(self, parts, query):
        self.plain(200, bomb(), [("Content-Encoding", "gzip")])

    def on_zipped(self, parts, query):
        self.plain(200, gzip.compress(b"unpacked" * 100), [("Content-Encoding", "gzip")])

    def on_large(self, parts, query):
        self.plain(200, b"x" * int(parts.path.split("/")[2]))

    def on_headers(self, parts, query):
        self.plain(200, b"", [("X-Filler-%d" % i, "y" * 1000) for i in range(int(parts.path.split("/")[2]))])

    def on_one_header(self, parts, query):
        self.plain(200, b"", [("X-Filler", "y" * int(parts.path.split("/")[2]))])

    def on_silent(self, parts, query):
        # Waits until the other side has enough of it.
        if select.select([self.connection], [], [], 30)[0] and not self.connection.recv(1):
            count("closed by peer")
        self.close_connection = True

    def on_drip(self, parts, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            self.wfile.write(b".")
            time.sleep(0.05)

    def on_drip_head(self, parts, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-More: 1\r\n")
            time.sleep(0.01)

    def on_stall(self, parts, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning")
        self.on_silent(parts, query)

    def on_half(self, parts, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        self.close_connection = True

    def on_garbage(self, parts, query):
        self.wfile.write(b"\x00\x01\x02 this is no HTTP\r\n\r\n")
        self.close_connection = True

    def stream(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        self.close_connection = True

    def on_sse(self, parts, query):
        self.stream()
        pause = float(query.get("pause", "0"))
        for i in range(int(query.get("count", "3"))):
            self.wfile.write(b"event: tick\nid: %d\ndata: line %d\ndata: second\n\n" % (i, i))
            self.wfile.flush()
            if pause:
                time.sleep(pause)

    def on_endless(self, parts, query):
        self.stream()
        while True:
            self.wfile.write(b"data: " + b"z" * 1000 + b"\n\n")

    def on_heartbeat(self, parts, query):
        self.stream()
        while True:
            self.wfile.write(b"data: beat\n\n")
            self.wfile.flush()
            time.sleep(0.02)

    def on_long_event(self, parts, query):
        self.stream()
        self.wfile.write(b"data: " + b"z" * (1 << 20) + b"\n\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass


def serve(address, port, arguments=()):
    server = Server((address, port), Peer)
    if "--tls" in arguments:
        at = list(arguments).index("--tls")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments[at + 1], arguments[at + 2])
        if "--old-tls" in arguments:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


if __name__ == "__main__":
    Peer.is_proxy = "--proxy" in sys.argv
    print(serve("127.0.0.1", 0, sys.argv), flush=True)
    sys.stdin.read()

# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks that checks them as Standard Webhooks 1.0 says. Prints its port, then one line of JSON for each
request, and ends with its standard input. /ok takes all, /flaky answers 503 once, /gone answers 410.

usage: webhook_peer.py whsec_KEY
"""
import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
seen = {}
lock = threading.Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        message, timestamp = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "0")
        signed = f"{message}.{timestamp}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        is_signed = any(
            hmac.compare_digest(wanted, given) for given in self.headers.get("webhook-signature", "").split())
        is_fresh = abs(time.time() - int(timestamp)) < 300
        with lock:
            seen[self.path] = seen.get(self.path, 0) + 1
            count = seen[self.path]
        line = {"path": self.path, "id": message, "verified": is_signed and is_fresh, "body": json.loads(body)}
        print(json.dumps(line), flush=True)
        status = 410 if self.path == "/gone" else 503 if self.path == "/flaky" and count == 1 else 204
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()

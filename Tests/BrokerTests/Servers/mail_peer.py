# SPDX-License-Identifier: Apache-2.0
"""A mail server for the broker's tests (aiosmtpd): takes, refuses and delays messages on loopback. Prints its port, then
one line of JSON for each message it took, and ends with its standard input.

usage: mail_peer.py [--starttls CERT KEY | --tls CERT KEY] [--login USER PASSWORD] [--small BYTES]
       mail_peer.py --silent | --babble | --hang-up
"""
import base64
import json
import socket
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Sink:
    """Who is called what decides what happens."""

    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("unwelcome"):
            return "550 5.7.1 not from here"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 fine"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("later"):
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        if b"spam" in envelope.content:
            return "554 5.6.0 this is spam"
        line = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": base64.b64encode(envelope.content).decode(),
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "hello": session.host_name,
            "login": session.auth_data.login.decode() if session.authenticated else None,
        }
        print(json.dumps(line), flush=True)
        return "250 2.0.0 queued as 42"


def raw(behaviour):
    """A server that is none."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    kept = []

    def serve():
        while True:
            peer, _ = listener.accept()
            if behaviour == "--babble":
                peer.sendall(b"HTTP/1.1 200 OK\r\n" * 3)
                peer.close()
            elif behaviour == "--hang-up":
                peer.sendall(b"220 hello\r\n")
                peer.recv(100)
                peer.close()
            else:
                kept.append(peer)

    threading.Thread(target=serve, daemon=True).start()


def context(certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


def sink(arguments):
    options = {"enable_SMTPUTF8": False}
    controller = Controller
    while arguments:
        option = arguments.pop(0)
        if option == "--starttls":
            options["tls_context"] = context(arguments.pop(0), arguments.pop(0))
            options["require_starttls"] = True
        elif option == "--tls":
            options["ssl_context"] = context(arguments.pop(0), arguments.pop(0))
        elif option == "--small":
            options["data_size_limit"] = int(arguments.pop(0))
        elif option == "--login":
            wanted = LoginPassword(arguments.pop(0).encode(), arguments.pop(0).encode())

            def check(server, session, envelope, mechanism, given):
                good = given == wanted
                return AuthResult(success=good, handled=False, auth_data=given if good else None)

            options |= {"authenticator": check, "auth_required": True}
            options["auth_require_tls"] = "--plain" not in arguments
        elif option == "--plain":
            options["auth_require_tls"] = False
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    server = Controller(Sink(), hostname="127.0.0.1", port=port, **options)
    server.start()
    print(port, flush=True)


if sys.argv[1:2] and sys.argv[1] in ("--silent", "--babble", "--hang-up"):
    raw(sys.argv[1])
else:
    sink(sys.argv[1:])
sys.stdin.read()

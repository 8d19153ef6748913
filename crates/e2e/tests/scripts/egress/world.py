"""Servers that play the internet, or the host: a web server, an echo of datagrams, names.

Every contact is written to a file. They end when their standard input does.
"""

import hashlib
import os
import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

role, contacts = sys.argv[1], open(sys.argv[2], "w", buffering=1)
LARGE = hashlib.sha256(b"large").digest() * (1 << 18)  # 8 MiB
NAMES = {
    "www.internet.test": "192.88.99.1",
    "metadata.internet.test": "169.254.169.254",
    "host.internet.test": "192.88.99.2",
    "loopback.internet.test": "127.0.0.1",
}


class Web(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = LARGE if self.path == "/large" else f"this is {self.connection.getsockname()[0]}".encode()
        self.answer(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(hashlib.sha256(body).hexdigest().encode())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def get_request(self):
        connection, peer = super().get_request()
        print("tcp", connection.getsockname()[0], file=contacts)
        return connection, peer


class Datagrams(socketserver.ThreadingUDPServer):
    max_packet_size = 65536


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, server = self.request
        print("echo", data, file=contacts)
        server.sendto(b"echo of " + data, self.client_address)


class Names(socketserver.BaseRequestHandler):
    def handle(self):
        question, server = self.request
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        name, kind = ".".join(labels).lower(), int.from_bytes(question[at + 1 : at + 3], "big")
        print("name", name, file=contacts)
        asked, address = question[12 : at + 5], NAMES.get(name)
        answers = b""
        if address and kind == 1:
            answers = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04" + socket.inet_aton(address)
        code = 0x8180 if address else 0x8183
        header = question[:2] + code.to_bytes(2, "big") + b"\x00\x01" + bytes([0, int(bool(answers))])
        server.sendto(header + bytes(4) + asked + answers, self.client_address)


servers = [Server(("0.0.0.0", 80), Web), Datagrams(("0.0.0.0", 9999), Echo)]
if role == "host":
    servers.append(Datagrams(("127.0.0.53", 53), Names))
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
os._exit(0)

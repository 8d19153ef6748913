"""Tries to reach addresses, and tells what came of each."""

import errno
import hashlib
import http.client
import socket
import threading

import boto3


def name_of(error):
    if isinstance(error, socket.gaierror):
        return "no such name"
    return errno.errorcode.get(error.errno, str(error))


def get(host, port=80, path="/"):
    connection = http.client.HTTPConnection(host, port, timeout=60)
    connection.request("GET", path)
    return connection.getresponse().read()


def text(host, port=80):
    return get(host, port).decode()


def large(host):
    return hashlib.sha256(get(host, path="/large")).hexdigest()


def upload(host, size):
    body = bytes(range(256)) * (size // 256)
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("POST", "/", body)
    told = connection.getresponse().read().decode()
    return told == hashlib.sha256(body).hexdigest()


def datagram(host, port=9999, size=5):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(60)
        made.connect((host, port))
        made.send(b"x" * size)
        return len(made.recv(65536))


def many(host, count):
    """As many requests at once."""
    told = []
    threads = [threading.Thread(target=lambda: told.append(text(host))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(told), sorted(set(told))


def version_6(host):
    with socket.socket(socket.AF_INET6) as made:
        made.settimeout(60)
        made.connect((host, 80))


def listen(port):
    """Listens on every address, as long as the instance lives."""
    made = socket.create_server(("", port))
    threading.Thread(target=lambda: [made.accept() for _ in iter(int, 1)], daemon=True).start()
    return "listening"


def identity():
    return boto3.client("sts").get_caller_identity()["Arn"].split("/")[1]


def resolv_conf():
    return open("/etc/resolv.conf").read()


def handler(event, _):
    told = []
    for attempt in event:
        try:
            told.append(eval(attempt))
        except OSError as error:
            told.append(name_of(error))
    return told

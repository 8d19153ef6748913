"""A function that behaves well, has secrets, and listens where others could find it."""

import ctypes
import os
import socket
import uuid

INSTANCE = uuid.uuid4().hex
open("/tmp/secret", "w").write(os.environ["SECRET"])

abstract = socket.socket(socket.AF_UNIX)
abstract.bind("\0neighbour")
abstract.listen()
named = socket.socket(socket.AF_UNIX)
named.bind("/tmp/neighbour")
named.listen()
tcp = socket.create_server(("0.0.0.0", 7070))
segment = ctypes.CDLL(None).shmget(0x5EC, 4096, 0o1666)


def handler(event, context):
    with open("/tmp/secret") as file:
        assert file.read() == os.environ["SECRET"]
    return {"answer": event["question"], "instance": INSTANCE, "segment": segment >= 0}

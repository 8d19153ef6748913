"""Tells what its extension has written, and whether it runs here."""

import os
import time


def processes():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.append(open(f"/proc/{pid}/cmdline").read().split("\0")[:-1])
        except OSError:
            pass
    return found


def handler(event, context):
    # The event comes to both at once; a busy host may let the function go first.
    wanted, end = f"INVOKE {context.aws_request_id}", time.monotonic() + 60
    while True:
        seen = open("/tmp/seen").read().splitlines() if os.path.exists("/tmp/seen") else []
        if wanted in seen or time.monotonic() > end:
            break
        time.sleep(0.01)
    return {"seen": seen, "id": context.aws_request_id, "processes": processes()}

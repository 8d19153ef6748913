#!/usr/bin/env python3
"""An extension: writes down every event, for the function in /tmp and for people in the log."""

import json
import os
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension"


def call(path, headers, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{API}/{path}", data=data, headers=headers)
    return urllib.request.urlopen(request)


answer = call("register", {"Lambda-Extension-Name": "watcher.py"}, {"events": ["INVOKE", "SHUTDOWN"]})
registered = json.load(answer)
identifier = {"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}
print("extension of", registered["functionName"], registered["handler"], flush=True)
while True:
    event = json.load(call("event/next", identifier))
    with open("/tmp/seen", "a") as seen:
        print(event["eventType"], event.get("requestId", ""), file=seen)
    if event["eventType"] == "SHUTDOWN":
        print("extension saw SHUTDOWN for", event["shutdownReason"], flush=True)
        break
    print("extension saw INVOKE of", event["requestId"], flush=True)

"""Streamed responses: with boto3 and with curl, from Node and from a runtime of one's own."""

import base64
import json
import subprocess
import time

import boto3
from package import package

iam, functions = boto3.client("iam"), boto3.client("lambda")

NODE = """
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  const order = event.rawPath ? { path: event.rawPath } : event;
  if (order.path) {
    stream = awslambda.HttpResponseStream.from(stream, {
      statusCode: 203,
      headers: { "Content-Type": "text/x-story", "X-Name": context.functionName },
      cookies: ["a=1", "b=2"],
    });
  }
  stream.write("once ");
  if (order.path === "/crash" || order.crash) {
    await sleep(500);
    process.exit(3);
  }
  if (order.path === "/slow" || order.slow) await sleep(60_000);
  if (order.fail) throw new RangeError("told to fail");
  for (let piece = 0; piece < (order.pieces ?? 0); piece++) {
    if (!stream.write("x".repeat(65_536))) await new Promise((resolve) => stream.once("drain", resolve));
  }
  stream.write("upon ");
  stream.end("a time");
});
"""

# A runtime of one's own: a program that speaks the Runtime API.
PROVIDED = r"""#!/usr/bin/python3 -S
import base64, http.client, json, os, time

host = os.environ["AWS_LAMBDA_RUNTIME_API"]
base = "/2018-06-01/runtime/invocation/"
while True:
    api = http.client.HTTPConnection(host)
    api.request("GET", base + "next")
    reply = api.getresponse()
    name, event = reply.getheader("Lambda-Runtime-Aws-Request-Id"), json.loads(reply.read())
    api.putrequest("POST", base + name + "/response")
    api.putheader("Content-Type", "application/vnd.awslambda.http-integration-response")
    api.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    api.putheader("Transfer-Encoding", "chunked")
    api.putheader("Trailer", "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body")
    api.endheaders()

    def send(data):
        api.send(b"%x\r\n%s\r\n" % (len(data), data))

    send(json.dumps({"statusCode": 202, "headers": {"x-from": "provided"}}).encode() + bytes(4))
    send(bytes(4) + b"one ")
    if event.get("rawPath") == "/slow":
        time.sleep(60)
    if event.get("rawPath") == "/fail":
        body = base64.b64encode(json.dumps({"errorType": "Mine", "errorMessage": "no"}).encode())
        api.send(b"0\r\nLambda-Runtime-Function-Error-Type: Mine\r\n"
                 b"Lambda-Runtime-Function-Error-Body: " + body + b"\r\n\r\n")
    else:
        send(b"two")
        api.send(b"0\r\n\r\n")
    api.getresponse().read()
    api.close()
"""

trust = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]})
role = iam.create_role(RoleName="streamer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]


def create(name, runtime, file, code, timeout):
    functions.create_function(FunctionName=name, Runtime=runtime, Role=role, Timeout=timeout,
                              Handler="index.handler", Code=package(file, code), MemorySize=256)
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    for action, condition in (("InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}),
                              ("InvokeFunction", {"InvokedViaFunctionUrl": True})):
        functions.add_permission(FunctionName=name, StatementId=action, Principal="*",
                                 Action=f"lambda:{action}", **condition)
    answer = functions.create_function_url_config(
        FunctionName=name, AuthType="NONE", InvokeMode="RESPONSE_STREAM")
    assert answer["InvokeMode"] == "RESPONSE_STREAM", answer
    return answer["FunctionUrl"]


def stream(name, event):
    """The bytes, and how it ended."""
    answer = functions.invoke_with_response_stream(
        FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST", answer
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream", answer
    events = list(answer["EventStream"])
    data = b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1])
    return data, events[-1]["InvokeComplete"]


def curl(*arguments):
    """Exit code, head and body."""
    done = subprocess.run(["curl", "-sNi", *arguments], capture_output=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return done.returncode, head.decode(), body


node = create("story", "nodejs22.x", "index.mjs", NODE, 20)
own = create("own", "provided.al2023", "bootstrap", PROVIDED, 20)

# Through the API.
data, end = stream("story", {})
assert data == b"once upon a time", data
assert "START RequestId" in base64.b64decode(end["LogResult"]).decode(), end
data, end = stream("story", {"pieces": 160})
assert len(data) == len(b"once upon a time") + 160 * 65_536, len(data)
assert "ErrorCode" not in end, end
data, end = stream("story", {"fail": True})
assert (data, end["ErrorCode"]) == (b"once ", "Unhandled"), (data, end)
details = json.loads(end["ErrorDetails"])
assert (details["errorType"], details["errorMessage"]) == ("RangeError", "told to fail"), details
data, end = stream("story", {"crash": True})
assert data == b"once " and "exit status 3" in end["ErrorDetails"], (data, end)

# A plain invocation of it gets the whole.
answer = functions.invoke(FunctionName="story", Payload="{}")
assert answer["Payload"].read() == b"once upon a time"

# Over the URL.
code, head, body = curl(node)
assert (code, body) == (0, b"once upon a time"), (code, head, body)
assert head.startswith("HTTP/1.1 203"), head
for line in ("content-type: text/x-story", "x-name: story", "set-cookie: a=1", "set-cookie: b=2"):
    assert line in head.lower(), head
code, head, body = curl(node + "crash")
assert (code, body) == (18, b"once "), (code, head, body)
code, head, body = curl(own)
assert (code, body) == (0, b"one two"), (code, head, body)
assert head.startswith("HTTP/1.1 202") and "x-from: provided" in head.lower(), head
code, head, body = curl(own + "fail")
assert (code, body) == (18, b"one "), (code, head, body)

# The first byte is here before the function ends, and one that takes too long breaks off.
for url, first in ((node, b"once "), (own, b"one ")):
    began = time.monotonic()
    slow = subprocess.Popen(["curl", "-sN", url + "slow"], stdout=subprocess.PIPE)
    assert slow.stdout.read(len(first)) == first
    assert slow.poll() is None, "the function has ended"
    if url == node:
        assert (slow.stdout.read(), slow.wait()) == (b"", 18)
        assert time.monotonic() - began >= 19, "it was cut off before its timeout"
    else:
        # Whoever goes away harms nobody: the function runs to its end and the next one is served.
        slow.kill()
        slow.wait()
code, head, body = curl(own)
assert (code, body) == (0, b"one two"), (code, head, body)
print("streamed")

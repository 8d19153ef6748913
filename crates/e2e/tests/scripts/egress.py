"""Functions that try to reach addresses, with and without a way out. Runs where the node runs."""

import hashlib
import json
import pathlib
import sys

import boto3
from botocore.config import Config
from package import package

mode = sys.argv[1]
here = pathlib.Path(__file__).parent / "egress"
patient = Config(read_timeout=700, retries={"total_max_attempts": 1})
iam, functions = boto3.client("iam"), boto3.client("lambda", config=patient)


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


trust = document(Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
role = iam.create_role(RoleName="traveller", AssumeRolePolicyDocument=trust)["Role"]["Arn"]


def function(name, runtime, file):
    functions.create_function(
        FunctionName=name,
        Runtime=runtime,
        Role=role,
        Handler="app.handler",
        Code=package(file, (here / file).read_text()),
        Timeout=300,
        MemorySize=1024,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)


def invoke(name, event):
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body


def check(name, attempts):
    """Each attempt comes to what is written beside it."""
    told = invoke(name, list(attempts))
    wrong = [
        f"{name}: {attempt}: {came} instead of {expected}"
        for (attempt, expected), came in zip(attempts.items(), told, strict=True)
        if came != expected
    ]
    if wrong:
        sys.exit("\n".join(wrong))


OUT, REFUSED = "this is 192.88.99.1", "EHOSTUNREACH"
LARGE = hashlib.sha256(hashlib.sha256(b"large").digest() * (1 << 18)).hexdigest()
PLATFORM = {"identity()": "traveller"}
# Reached by nobody, whatever is configured: metadata, the host by each of its addresses and names.
NEVER = {
    "text('169.254.169.254')": REFUSED,
    "text('192.88.99.2')": REFUSED,
    "text('192.0.0.1')": REFUSED,
    "text('255.255.255.255')": "ENETUNREACH",
    "datagram('192.88.99.2')": REFUSED,
    "datagram('169.254.169.254')": REFUSED,
    "text('127.0.0.1')": "ECONNREFUSED",
    "text('127.0.0.53', 53)": "ECONNREFUSED",
    "version_6('2001:db8::1')": "ENETUNREACH",
    "version_6('fd00:ec2::254')": "ENETUNREACH",
}
INTERNET = {
    "text('192.88.99.1')": OUT,
    "text('www.internet.test')": OUT,
    "large('www.internet.test')": LARGE,
    "upload('192.88.99.1', 8 << 20)": True,
    "many('192.88.99.1', 100)": [100, [OUT]],
    "datagram('192.88.99.1')": len("echo of ") + 5,
    "datagram('192.88.99.1', size=9000)": len("echo of ") + 9000,
    "datagram('192.88.99.1', 9998)": "ECONNREFUSED",
    "text('192.88.99.1', 81)": "ECONNREFUSED",
    "text('nowhere.internet.test')": "no such name",
    # By a name that leads where nobody may go.
    "text('metadata.internet.test')": REFUSED,
    "text('host.internet.test')": REFUSED,
    "text('loopback.internet.test')": "ECONNREFUSED",
    "text('10.9.8.7')": REFUSED,
}
NETWORK = {
    "text('10.9.8.7')": "this is 10.9.8.7",
    "text('10.9.9.7')": REFUSED,
    "text('192.88.99.1')": REFUSED,
    "text('www.internet.test')": REFUSED,
}
NONE = {
    "text('192.88.99.1')": "ENETUNREACH",
    "text('169.254.169.254')": "ENETUNREACH",
    "text('192.88.99.2')": "ENETUNREACH",
    "datagram('192.88.99.1')": "ENETUNREACH",
    "text('www.internet.test')": "no such name",
    "resolv_conf()": "",
}

function("traveller", "python3.12", "app.py")
if mode == "none":
    check("traveller", NONE | PLATFORM)
elif mode == "network":
    check("traveller", NETWORK | NEVER | PLATFORM)
else:
    check("traveller", INTERNET | NEVER | PLATFORM)
    function("neighbour", "python3.12", "app.py")
    check("neighbour", {"listen(7070)": "listening"})
    neighbours = ("192.0.0.2", "192.0.0.3", "127.0.0.1")
    expected = ("ECONNREFUSED", REFUSED, "ECONNREFUSED")
    check("traveller", {f"text('{at}', 7070)": told for at, told in zip(neighbours, expected)})
    function("node", "nodejs22.x", "app.mjs")
    urls = {
        "http://192.88.99.1/": OUT,
        "http://www.internet.test/": OUT,
        "http://192.88.99.1:81/": "ECONNREFUSED",
        "http://169.254.169.254/latest/meta-data/": REFUSED,
        "http://metadata.internet.test/": REFUSED,
        "http://host.internet.test/": REFUSED,
        "http://10.9.8.7/": REFUSED,
    }
    check("node", urls)

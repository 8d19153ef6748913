"""Provisioned concurrency with boto3, on Python and Node in real sandboxes."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.exceptions import ClientError
from package import package

iam, functions = boto3.client("iam"), boto3.client("lambda")

PYTHON = """
import os
import time

STARTED = time.time()
SERVED = 0


def handler(event, context):
    global SERVED
    SERVED += 1
    time.sleep(event.get("sleep", 0))
    if event.get("die"):
        os._exit(1)
    return {
        "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"],
        "started": STARTED,
        "served": SERVED,
        "stream": context.log_stream_name,
    }
"""
NODE = """
const started = Date.now() / 1000;
let served = 0;
export const handler = async (event, context) => {
  served += 1;
  await new Promise((resolve) => setTimeout(resolve, (event.sleep ?? 0) * 1000));
  if (event.die) process.exit(1);
  const type = process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
  return { type, started, served, stream: context.logStreamName };
};
"""
AHEAD, DEMAND = "provisioned-concurrency", "on-demand"


def invoke(name, qualifier, **event):
    answer = functions.invoke(FunctionName=name, Qualifier=qualifier, Payload=json.dumps(event))
    body = json.loads(answer["Payload"].read())
    return body if "FunctionError" not in answer else answer["FunctionError"]


def status(name, qualifier):
    return functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)


def settle(name, qualifier, wanted="READY"):
    for _ in range(1200):
        told = status(name, qualifier)
        if told["Status"] == wanted:
            return told
        time.sleep(0.1)
    raise AssertionError(told)


def unreserved():
    return functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]


def after_restart():
    for name in ("python", "node"):
        told = settle(name, "live")
        assert told["AvailableProvisionedConcurrentExecutions"] == 2, told
        assert invoke(name, "live")["type"] == AHEAD


def make(name, runtime, file, code):
    functions.create_function(
        FunctionName=name, Runtime=runtime, Role=role, Handler=f"{file.split('.')[0]}.handler", Timeout=20,
        Code=package(file, code), Publish=True,
    )
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    told = functions.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=2
    )
    assert told["Status"] == "IN_PROGRESS", told


def check(name):
    ready = time.time()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: invoke(name, "live", sleep=2), range(3)))
    assert sorted(answer["type"] for answer in answers) == [DEMAND, AHEAD, AHEAD], answers
    ahead = [answer for answer in answers if answer["type"] == AHEAD]
    assert all(answer["started"] < ready and answer["served"] == 1 for answer in ahead), (ready, ahead)
    assert len({answer["stream"] for answer in ahead}) == 2
    assert invoke(name, "$LATEST")["type"] == DEMAND
    # One that dies is replaced by another one that nobody waits for.
    assert invoke(name, "live", die=True) == "Unhandled"
    told = settle(name, "live")
    assert told["AllocatedProvisionedConcurrentExecutions"] == 2
    for _ in range(5):
        assert invoke(name, "live")["type"] == AHEAD


if sys.argv[1:] == ["restarted"]:
    after_restart()
    sys.exit()

trust = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}
role = iam.create_role(RoleName="ready", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
before = unreserved()
make("python", "python3.12", "app.py", PYTHON)
make("node", "nodejs22.x", "index.mjs", NODE)
for name in ("python", "node"):
    settle(name, "live")
assert unreserved() == before - 4
for name in ("python", "node"):
    check(name)

# The code of the new version is what is kept ready as soon as the alias means it.
functions.update_function_code(FunctionName="python", **package("app.py", PYTHON + "\nNEW = 1\n"))
version = functions.publish_version(FunctionName="python")["Version"]
functions.update_alias(FunctionName="python", Name="live", FunctionVersion=version)
settle("python", "live")
assert invoke("python", version)["type"] == AHEAD
listed = functions.list_provisioned_concurrency_configs(FunctionName="python")["ProvisionedConcurrencyConfigs"]
assert [one["FunctionArn"].split(":")[-1] for one in listed] == ["live"]

# What cannot start says so.
functions.create_function(
    FunctionName="broken", Runtime="python3.12", Role=role, Handler="app.handler",
    Code=package("app.py", "raise ValueError('no')\n"), Publish=True,
)
functions.put_provisioned_concurrency_config(
    FunctionName="broken", Qualifier="1", ProvisionedConcurrentExecutions=1
)
assert settle("broken", "1", "FAILED")["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"
functions.delete_provisioned_concurrency_config(FunctionName="broken", Qualifier="1")
try:
    status("broken", "1")
    raise AssertionError("it is there still")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ProvisionedConcurrencyConfigNotFoundException", error

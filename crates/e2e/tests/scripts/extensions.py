"""External extensions with boto3, in real sandboxes."""

import json
import pathlib
import time

import boto3
from botocore.config import Config
from package import package

here = pathlib.Path(__file__).parent / "extensions"
patient = Config(read_timeout=300, retries={"total_max_attempts": 1})
iam, functions, logs = (boto3.client(name, config=patient) for name in ("iam", "lambda", "logs"))


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


trust = document(Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
role = iam.create_role(RoleName="watched", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
iam.put_role_policy(
    RoleName="watched", PolicyName="logs", PolicyDocument=document(Action="logs:*", Resource="*")
)


def layer(file):
    content = package(f"extensions/{file}", (here / file).read_text())
    return functions.publish_layer_version(LayerName=file.split(".")[0], Content=content)["LayerVersionArn"]


def function(name, runtime, file, layers):
    functions.create_function(
        FunctionName=name,
        Runtime=runtime,
        Role=role,
        Handler="app.handler",
        Code=package(file, (here / file).read_text()),
        Layers=layers,
        Timeout=120,
        MemorySize=256,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)


def invoke(name):
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    return json.loads(answer["Payload"].read()), answer.get("FunctionError")


def log(name):
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
        return "".join(event["message"] for page in pages for event in page["events"])
    except logs.exceptions.ResourceNotFoundException:
        return ""


def wait_for_log(name, *texts):
    deadline = time.monotonic() + 120
    while missing := [text for text in texts if text not in log(name)]:
        assert time.monotonic() < deadline, f"not in the log of {name}: {missing}\n{log(name)}"
        time.sleep(0.2)


# Beside a function of Python, in one instance for several events.
watcher = layer("watcher.py")
function("watched", "python3.12", "app.py", [watcher])
first, failed = invoke("watched")
assert not failed, first
assert first["seen"] == [f"INVOKE {first['id']}"], first
second, failed = invoke("watched")
assert not failed, second
assert second["seen"] == [f"INVOKE {first['id']}", f"INVOKE {second['id']}"], second
extension = [line for line in second["processes"] if "/opt/extensions/watcher.py" in line]
assert len(extension) == 1, second["processes"]

# It hears of the end, and has time to say so.
functions.update_function_configuration(FunctionName="watched", Timeout=119)
functions.get_waiter("function_updated_v2").wait(FunctionName="watched")
third, failed = invoke("watched")
assert not failed and third["seen"] == [f"INVOKE {third['id']}"], third
ids = [f"extension saw INVOKE of {told['id']}" for told in (first, second, third)]
wait_for_log("watched", "extension of watched app.handler", *ids, "extension saw SHUTDOWN for spindown")

# Beside Node too.
function("node", "nodejs22.x", "app.mjs", [watcher])
told, failed = invoke("node")
assert (told, failed) == ("done", None), told
wait_for_log("node", "extension of node app.handler", "extension saw INVOKE of ")

# One that cannot start fails the function, with its reason in the log.
function("broken", "python3.12", "app.py", [layer("broken.sh")])
told, failed = invoke("broken")
assert failed == "Unhandled" and told["errorType"] == "Extension.Crash", told
wait_for_log("broken", "the extension has no configuration", "Extension.Crash")

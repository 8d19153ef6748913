"""Versions, aliases and layers with boto3, in real sandboxes."""

import json
import threading

import boto3
from botocore.exceptions import ClientError
from package import package

iam, functions = boto3.client("iam"), boto3.client("lambda")

CODE = """
import os
import greet

GENERATION = {generation}


def handler(event, context):
    return {{
        "generation": GENERATION,
        "word": greet.WORD,
        "opt": sorted(os.listdir("/opt")),
        "version": context.function_version,
        "variable": os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        "arn": context.invoked_function_arn.split(":")[6:],
    }}
"""
NODE = """
import greet from "greet";
import { readFileSync } from "node:fs";
export const handler = async () => ({ word: greet.WORD, text: readFileSync("/opt/text.txt", "utf8") });
"""
NAME = "versioned"

trust = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}
role = iam.create_role(RoleName="versions", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def layer(name, content, **options):
    return functions.publish_layer_version(LayerName=name, Content=content, **options)["LayerVersionArn"]


def code(generation):
    return package("app.py", CODE.format(generation=generation))


def invoke(**options):
    answer = functions.invoke(**{"FunctionName": NAME, **options})
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body, answer.get("ExecutedVersion")


def update(generation):
    functions.update_function_code(FunctionName=NAME, **code(generation))
    functions.get_waiter("function_updated_v2").wait(FunctionName=NAME)


# A layer's files are at /opt, and a later layer covers an earlier one.
low = layer("low", package("python/greet.py", "WORD = 'low'\n", **{"low.txt": "low"}))
high = layer("high", package("python/greet.py", "WORD = 'high'\n"), CompatibleRuntimes=["python3.12"])
functions.create_function(
    FunctionName=NAME, Runtime="python3.12", Role=role, Handler="app.handler",
    Code=code(1), Layers=[low, high], Timeout=10, Publish=True,
)
functions.get_waiter("function_active_v2").wait(FunctionName=NAME)
body, executed = invoke()
assert executed == "$LATEST", executed
assert body == {
    "generation": 1, "word": "high", "opt": ["low.txt", "python"],
    "version": "$LATEST", "variable": "$LATEST", "arn": [NAME],
}, body

# Version 1 stays version 1, whatever becomes of $LATEST.
update(2)
assert functions.publish_version(FunctionName=NAME)["Version"] == "2"
body, executed = invoke(Qualifier="1")
assert (body["generation"], body["version"], body["variable"]) == (1, "1", "1"), body
assert body["arn"] == [NAME, "1"] and executed == "1", (body, executed)
assert invoke()[0]["generation"] == 2

# An alias leads to its version, and with weights to two of them.
functions.create_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
body, executed = invoke(Qualifier="live")
assert (body["generation"], body["arn"], executed) == (1, [NAME, "live"], "1"), (body, executed)
functions.update_alias(
    FunctionName=NAME, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
)
assert {invoke(Qualifier="live")[1] for _ in range(60)} == {"1", "2"}
functions.update_alias(
    FunctionName=NAME, Name="live", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}}
)
assert invoke(Qualifier="live")[1] == "2"
try:
    functions.delete_function(FunctionName=NAME, Qualifier="2")
    raise SystemExit("a version that an alias names was deleted")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ResourceConflictException", error

# A function keeps a layer that was deleted.
functions.delete_layer_version(LayerName="high", VersionNumber=1)
functions.delete_function(FunctionName=NAME, Qualifier="1")
assert invoke(Qualifier="live")[0]["word"] == "high"

# An update drains $LATEST: no request fails, and afterwards all run the new code.
stop, seen, failures = threading.Event(), set(), []


def call():
    while not stop.is_set():
        try:
            seen.add(invoke()[0]["generation"])
        except Exception as error:
            failures.append(error)
            return


callers = [threading.Thread(target=call) for _ in range(4)]
for caller in callers:
    caller.start()
for generation in (3, 4):
    update(generation)
    assert invoke()[0]["generation"] == generation
stop.set()
for caller in callers:
    caller.join()
assert not failures, failures
assert seen <= {2, 3, 4}, seen

# Node finds the modules of a layer.
modules = package("nodejs/node_modules/greet/index.js", "exports.WORD = 'node';\n", **{"text.txt": "of the layer"})
functions.create_function(
    FunctionName="layered", Runtime="nodejs22.x", Role=role, Handler="index.handler", Timeout=10,
    Code=package("index.mjs", NODE), Layers=[layer("modules", modules)],
)
functions.get_waiter("function_active_v2").wait(FunctionName="layered")
body, _ = invoke(FunctionName="layered")
assert body == {"word": "node", "text": "of the layer"}, body

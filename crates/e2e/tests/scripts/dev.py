"""Edits the sources of `pileus dev` and asks what the next requests see."""

import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

import boto3

project, said, printed = (pathlib.Path(path) for path in sys.argv[1:4])
stack = boto3.client("cloudformation").describe_stacks(StackName="backend")["Stacks"][0]
outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
handler = project / "src/signup/index.mjs"
good = handler.read_text()
# Long enough for the busiest host; nothing is waited for without asking again.
PATIENCE = 300


def ask():
    """What a GET is answered, which the example refuses."""
    try:
        urllib.request.urlopen(outputs["SignupUrl"], timeout=60)
        raise SystemExit("a GET was answered")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read()).get("error")


def until(what, ready):
    began = time.monotonic()
    while not ready():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"waited for {what}:\n{said.read_text()}")
        time.sleep(0.01)
    return time.monotonic() - began


def revisions():
    functions = boto3.client("lambda").list_functions()["Functions"]
    return {f["FunctionName"]: f["RevisionId"] for f in functions}


assert ask() == (405, "send a POST"), ask()
before = revisions()

# A change of code is served by the next request after it is deployed, and is nobody else's.
times = []
for number in range(5):
    handler.write_text(good.replace("send a POST", f"POST number {number}"))
    times.append(until("the change", lambda: ask() == (405, f"POST number {number}")))
changed = {name for name, revision in revisions().items() if before[name] != revision}
assert changed == {outputs["SignupFunction"]}, changed
print(json.dumps({"seconds": sorted(times)}))

# Unfinished code is shown and not deployed.
handler.write_text(good.replace("export async function", "export async functio"))
until("the error", lambda: "SyntaxError" in said.read_text())
assert ask() == (405, "POST number 4"), ask()
handler.write_text(good)
until("the repair", lambda: ask() == (405, "send a POST"))

# Neither is a template that is wrong.
template = project / "template.yaml"
text = template.read_text()
template.write_text(text.replace("Handler: index.handler", "Handlr: index.handler"))
until("the error", lambda: "Handlr" in said.read_text())
assert ask() == (405, "send a POST"), ask()
template.write_text(text.replace("MemorySize: 256", "MemorySize: 192"))
memory = lambda: boto3.client("lambda").get_function_configuration(
    FunctionName=outputs["SignupFunction"])["MemorySize"]
until("the new memory", lambda: memory() == 192)

# What functions print is there with their names.
body = json.dumps({"email": "dev@example.org", "name": "Dev"}).encode()
urllib.request.urlopen(urllib.request.Request(outputs["SignupUrl"], body), timeout=60)
until("the log", lambda: any(
    line.startswith("Signup") and "signed up dev@example.org" in line
    for line in printed.read_text().splitlines()))
until("the worker's log", lambda: any(
    line.startswith("Worker") for line in printed.read_text().splitlines()))

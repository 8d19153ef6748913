"""A function tries to break out, in every way of `escape/attempts.py`, while a neighbour works.

It tries at the walls of sandboxes twice, from an interpreter that was executed and from one that was
forked. Each attempt comes to what its row says, in the function's answer and in its log. All the
while the neighbour answers, on one and the same instance.
"""

import json
import os
import pathlib
import platform
import re
import socket
import sys
import threading
import time

import boto3
from botocore.config import Config
from package import package

sys.path.insert(0, str(pathlib.Path(__file__).parent / "escape"))
import attempts  # noqa: E402

here = pathlib.Path(__file__).parent / "escape"
patient = Config(read_timeout=700, retries={"total_max_attempts": 1})
iam, functions, logs = (boto3.client(name, config=patient) for name in ("iam", "lambda", "logs"))
data, pileus = sys.argv[1], int(sys.argv[2])
SECRET = "the-neighbours-own-secret"


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def role(name, service, policy):
    trust = document(Action="sts:AssumeRole", Principal={"Service": service})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return arn


def own_log(name):
    return document(Action="logs:*", Resource=f"arn:aws:logs:*:*:log-group:/aws/lambda/{name}*")


def function(name, file, **settings):
    arn = role(name, "lambda.amazonaws.com", own_log(name))
    functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=arn,
        Handler=f"{file.removesuffix('.py')}.handler",
        Code=package(file, (here / file).read_text()),
        **settings,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    return arn


def invoke(name, event):
    for _ in range(10):
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
        body, failed = json.loads(answer["Payload"].read()), answer.get("FunctionError")
        # A start may take ten seconds. On a busy host some take longer, which is no escape.
        if not (failed and str(body.get("errorMessage")).endswith("timed out after 10.00 seconds")):
            break
    return body, failed, answer["ResponseMetadata"]["RequestId"]


class Neighbour(threading.Thread):
    """Asks the neighbour without a pause, and remembers whatever is wrong."""

    def __init__(self):
        super().__init__(daemon=True)
        self.questions, self.wrong, self.stopped = 0, [], False
        self.first, _, self.request = invoke("neighbour", {"question": 0})

    def run(self):
        while not self.stopped:
            self.questions += 1
            try:
                body, failed, _ = invoke("neighbour", {"question": self.questions})
            except Exception as error:
                body, failed = str(error), "no answer"
            expected = {**self.first, "answer": self.questions}
            if failed or body != expected:
                self.wrong.append((self.questions, failed, body))

    def await_answer(self):
        """Returns when a question that was asked after this call is answered."""
        goal = self.questions + 2
        while self.questions < goal and self.is_alive():
            time.sleep(0.01)


# What the attempts are after.
listener = socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
named = f"pileus-escape-{os.getpid()}"
abstract = socket.socket(socket.AF_UNIX)
abstract.bind(f"\0{named}")
abstract.listen()
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    probe.connect(("192.0.2.1", 9))
    host_address = probe.getsockname()[0]
except OSError:
    host_address = "192.0.2.1"
iam.create_user(UserName="ada")
admin = role("admin", "ec2.amazonaws.com", document(Action="*", Resource="*"))
neighbour_role = function("neighbour", "neighbour.py", Environment={"Variables": {"SECRET": SECRET}}, Timeout=60)
own_role = function("escape", "app.py", Timeout=600, MemorySize=1769)
neighbour = Neighbour()
neighbour.start()
facts = {
    "data": data,
    "pileus": pileus,
    "script": os.getpid(),
    "host_port": listener.getsockname()[1],
    "host_address": host_address,
    "host_socket": named,
    "admin_role": admin,
    "neighbour_role": neighbour_role,
    "own_role": own_role,
    "neighbour_secret": SECRET,
    "neighbour_request": neighbour.request,
    "root_id": os.environ["AWS_ACCESS_KEY_ID"],
    "root_key": os.environ["AWS_SECRET_ACCESS_KEY"],
}

wrong, expected_lines = [], []


def went_wrong(what):
    """Told at once: whoever reads this may not have the patience for the end."""
    print(f"{time.monotonic() - began:.0f} s: {what}", flush=True)
    wrong.append(what)


began = time.monotonic()
WALLS = attempts.FILES + attempts.PRIVILEGES + attempts.PROCESSES + attempts.NETWORK
WALLS += attempts.X86_64 if platform.machine() == "x86_64" else []
for name, _, expected in WALLS + attempts.IDENTITIES:
    # Where several attempts are made, it is told of each one that came through.
    for success in ("CONNECTED", "MADE", "WRITTEN", "LISTENS", "None", "b'root'"):
        for failure in re.findall("E[A-Z0-9]+", expected):
            if re.fullmatch(expected, str({"one": failure, "other": success, "third": failure})):
                sys.exit(f"{name} could not fail: {expected}")
only = os.environ.get("ONLY")  # A pattern of the names of the attempts that are of interest.


def must_fail(rows, way):
    for name, attempt, expected in rows:
        if only and not re.search(only, name):
            continue
        told, failed, _ = invoke("escape", {"name": name, "attempt": attempt, "facts": facts})
        if failed or not re.fullmatch(expected, str(told)):
            went_wrong(f"{way}: {name}: {failed or ''} {told}\n    instead of {expected}")
            continue
        expected_lines.append(f"attempt {name} came to {told}"[:100])
        if (name, attempt, expected) in attempts.FLOODS:
            neighbour.await_answer()


def change(**settings):
    functions.update_function_configuration(FunctionName="escape", **settings)
    functions.get_waiter("function_updated_v2").wait(FunctionName="escape")


def variables(**values):
    change(Environment={"Variables": values})


def asks(attempt):
    """What a fresh instance tells of itself."""
    return invoke("escape", {"name": attempt, "attempt": attempt, "facts": facts})[0]


# Twice: executed, because an interpreter reads this variable when it starts, and forked.
variables(PYTHONHASHSEED="1")
if asks("'boto3' in sys.modules") != "False":
    went_wrong("the function has not got an interpreter of its own")
must_fail(WALLS, "executed")
deadline = time.monotonic() + 600
# The first starts do not wait until there is something to fork.
while asks("os.getppid() == 0 and 'boto3' in sys.modules") != "True":
    if time.monotonic() > deadline:
        went_wrong("the function was never forked")
        break
    variables(TRY=str(time.monotonic()))
must_fail(WALLS + attempts.IDENTITIES + attempts.FLOODS, "forked")


def must_end(rows):
    for name, attempt, error, message in rows:
        if only and not re.search(only, name):
            continue
        told, failed, request = invoke("escape", {"name": name, "attempt": attempt, "facts": facts})
        wanted = {"errorType": error, "errorMessage": message.replace("{id}", request)}
        if failed != "Unhandled" or told != wanted:
            went_wrong(f"{name}: {failed} {told}\n    instead of {wanted}")
            continue
        # In the log it is without the name of the request where a time stands before that.
        expected_lines.append(wanted["errorMessage"].removeprefix(f"RequestId: {request} Error: "))
        neighbour.await_answer()


change(MemorySize=512)
must_end(attempts.ENDED)
change(Timeout=20)
must_end(attempts.TIMED_OUT)

neighbour.stopped = True
neighbour.join(timeout=300)
for number, failed, body in neighbour.wrong:
    went_wrong(f"the neighbour, question {number}: {failed} {body}")
if not neighbour.questions > len(attempts.FLOODS):
    went_wrong(f"the neighbour was asked only {neighbour.questions} times")

# Nobody came through, and whoever was to be killed lives.
for door in (listener, abstract):
    door.settimeout(0)
    try:
        went_wrong(f"a function reached the host: {door.accept()}")
    except BlockingIOError:
        pass
os.kill(pileus, 0)


# Every attempt is in the log by its name, and every end by its reason.
def log():
    # Without the lines of the flood.
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="/aws/lambda/escape", filterPattern='?attempt ?Error ?"timed out"'
    )
    return "\n".join(event["message"] for page in pages for event in page["events"])


deadline = time.monotonic() + 120
while True:
    written = log()
    missing = [line for line in expected_lines if line not in written]
    if not missing:
        break
    if time.monotonic() > deadline:
        went_wrong(f"not in the log: {missing}")
        break
    time.sleep(1)
if wrong:
    sys.exit(f"{len(wrong)} things went wrong")
print(f"{len(expected_lines)} attempts, {neighbour.questions} answers of the neighbour")

"""Functions with boto3: invoked, failing, behind URLs and queues, and held to their role."""

import base64
import json
import time
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from package import package

iam, functions, sqs, logs = (boto3.client(name) for name in ("iam", "lambda", "sqs", "logs"))

PYTHON = """
import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    print("took", event)
    if "fail" in event:
        raise ValueError("told to fail")
    if "denied" in event:
        try:
            boto3.client("dynamodb").list_tables()
        except Exception as error:
            return error.response["Error"]
    if "Records" in event:
        return {"batchItemFailures": [
            {"itemIdentifier": record["messageId"]} for record in event["Records"] if not done(record)
        ]}
    if "rawPath" in event:
        return {"statusCode": 201, "headers": {"x-made-by": "python"}, "body": event["rawPath"]}
    return {"echo": event, "memory": context.memory_limit_in_mb}


def done(record):
    import os

    if record["body"].startswith("bad"):
        return False
    sqs.send_message(QueueUrl=os.environ["DONE"], MessageBody=record["body"])
    return True
"""

NODE = """
exports.handler = async (event, context) => {
  console.log("took", JSON.stringify(event));
  if (event.fail) throw new TypeError("told to fail");
  return { echo: event, name: context.functionName };
};
"""


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def queue(name, **attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def take(url, count):
    """The bodies of the next messages of a queue; fails when they do not come."""
    bodies, deadline = [], time.monotonic() + 240
    while len(bodies) < count:
        assert time.monotonic() < deadline, f"{url} gave only {bodies}"
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def invoke(name, event, **options):
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event), **options)
    return answer, json.loads(answer["Payload"].read() or "null")


done_url, done = queue("done")
failed_url, failed = queue("failed")
dead_url, dead = queue("dead")
redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
jobs_url, jobs = queue("jobs", VisibilityTimeout="3", RedrivePolicy=redrive)

trust = document(Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
iam.attach_role_policy(RoleName="worker", PolicyArn=managed)
send = document(Action="sqs:SendMessage", Resource=[done, failed])
iam.put_role_policy(RoleName="worker", PolicyName="send", PolicyDocument=send)

python, node = "python", "node"
functions.create_function(
    FunctionName=python,
    Runtime="python3.12",
    Role=role,
    Handler="app.handler",
    Code=package("app.py", PYTHON),
    Timeout=3,
    MemorySize=256,
    Environment={"Variables": {"DONE": done_url}},
)
functions.create_function(
    FunctionName=node,
    Runtime="nodejs22.x",
    Role=role,
    Handler="index.handler",
    Code=package("index.js", NODE),
    Timeout=10,
)
for name in (python, node):
    functions.get_waiter("function_active_v2").wait(FunctionName=name)

# Invoked, with the tail of its log.
answer, result = invoke(python, {"n": 1}, LogType="Tail")
assert result == {"echo": {"n": 1}, "memory": "256"}, result
assert answer["StatusCode"] == 200 and "FunctionError" not in answer
tail = base64.b64decode(answer["LogResult"]).decode()
request = answer["ResponseMetadata"]["RequestId"]
for part in (f"START RequestId: {request}", "took {'n': 1}", f"END RequestId: {request}", "Max Memory Used"):
    assert part in tail, tail
answer, result = invoke(node, {"n": 2})
assert result == {"echo": {"n": 2}, "name": node}, result

# A function that fails is an answer, not an error of the call.
answer, result = invoke(python, {"fail": 1})
assert answer["StatusCode"] == 200 and answer["FunctionError"] == "Unhandled"
assert (result["errorType"], result["errorMessage"]) == ("ValueError", "told to fail"), result
assert any("app.py" in line for line in result["stackTrace"]), result
answer, result = invoke(node, {"fail": 1})
assert answer["FunctionError"] == "Unhandled"
assert (result["errorType"], result["errorMessage"]) == ("TypeError", "told to fail"), result

# What its role may not do, it cannot do.
answer, result = invoke(python, {"denied": 1})
assert result["Code"] == "AccessDeniedException", result
assert "assumed-role/worker/python is not authorized to perform: dynamodb:ListTables" in result["Message"]

# Invoked asynchronously; when the attempts are used up, the event and its error are passed on.
functions.put_function_event_invoke_config(
    FunctionName=python,
    MaximumRetryAttempts=0,
    DestinationConfig={"OnFailure": {"Destination": failed}, "OnSuccess": {"Destination": done}},
)
for event, url, condition in (
    ({"n": 3}, done_url, "Success"),
    ({"fail": 3}, failed_url, "RetriesExhausted"),
):
    answer, _ = invoke(python, event, InvocationType="Event")
    assert answer["StatusCode"] == 202
    [letter] = map(json.loads, take(url, 1))
    assert letter["requestPayload"] == event, letter
    assert letter["requestContext"]["condition"] == condition, letter
    assert letter["requestContext"]["approximateInvokeCount"] == 1, letter
    assert letter["requestContext"]["requestId"] == answer["ResponseMetadata"]["RequestId"]


# Behind URLs.
def fetch(url, signed=False):
    headers = {}
    if signed:
        request = AWSRequest("GET", url)
        session = boto3.Session()
        SigV4Auth(session.get_credentials(), "lambda", session.region_name).add_auth(request)
        headers = dict(request.headers)
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers))
    except urllib.error.HTTPError as error:
        return error


public = functions.create_function_url_config(FunctionName=python, AuthType="NONE")["FunctionUrl"]
assert fetch(public + "a/b").status == 403
functions.add_permission(
    FunctionName=python,
    StatementId="url",
    Action="lambda:InvokeFunctionUrl",
    Principal="*",
    FunctionUrlAuthType="NONE",
)
functions.add_permission(
    FunctionName=python,
    StatementId="function",
    Action="lambda:InvokeFunction",
    Principal="*",
    InvokedViaFunctionUrl=True,
)
answer = fetch(public + "a/b")
assert (answer.status, answer.headers["x-made-by"], answer.read()) == (201, "python", b"/a/b")
private = functions.create_function_url_config(FunctionName=node, AuthType="AWS_IAM")["FunctionUrl"]
answer = fetch(private)
assert (answer.status, json.loads(answer.read())) == (403, {"Message": "Forbidden"})
answer = fetch(private, signed=True)
assert answer.status == 200 and json.loads(answer.read())["name"] == node

# Behind a queue: what it refuses comes again and ends in the dead-letter queue.
mapping = functions.create_event_source_mapping(
    FunctionName=python, EventSourceArn=jobs, FunctionResponseTypes=["ReportBatchItemFailures"]
)
entries = [{"Id": body, "MessageBody": body} for body in ("good1", "bad1", "good2", "good3")]
assert len(sqs.send_message_batch(QueueUrl=jobs_url, Entries=entries)["Successful"]) == 4
assert sorted(take(done_url, 3)) == ["good1", "good2", "good3"]
assert take(dead_url, 1) == ["bad1"]
counts = sqs.get_queue_attributes(QueueUrl=jobs_url, AttributeNames=["All"])["Attributes"]
assert counts["ApproximateNumberOfMessages"] == "0", counts
assert counts["ApproximateNumberOfMessagesNotVisible"] == "0", counts

# With filters it sees only what they are for; the rest is done without it.
criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": [{"prefix": "wanted"}]}})}]}
functions.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria=criteria)
bodies = [json.dumps({"kind": kind}) for kind in ("other", "wanted-1", "wanted-2")] + ["wanted"]
for body in bodies:
    sqs.send_message(QueueUrl=jobs_url, MessageBody=body)
assert sorted(take(done_url, 2)) == bodies[1:3]
deadline = time.monotonic() + 60
while True:
    counts = sqs.get_queue_attributes(QueueUrl=jobs_url, AttributeNames=["All"])["Attributes"]
    left = [value for name, value in counts.items() if name.startswith("ApproximateNumber")]
    if set(left) == {"0"}:
        break
    assert time.monotonic() < deadline, counts
    time.sleep(0.2)
functions.delete_event_source_mapping(UUID=mapping["UUID"])

# What they print is found in their logs.
for name, text in ((python, "{'fail': 3}"), (node, '{"fail":1}')):
    deadline = time.monotonic() + 60
    found = []
    while not found:
        assert time.monotonic() < deadline, f"{text} is not in the logs"
        answer = logs.filter_log_events(
            logGroupName=f"/aws/lambda/{name}", filterPattern=json.dumps(text)
        )
        found = [event["message"] for event in answer["events"]]
    assert "took" in found[0], found

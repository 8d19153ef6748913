"""A FIFO queue with three groups through a mapped function, one group failing, with boto3."""

import json
import time

import boto3
from package import package

iam, functions, sqs = (boto3.client(name) for name in ("iam", "lambda", "sqs"))

CODE = """
import os

import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    failed, groups = [], set()
    for record in event["Records"]:
        attributes = record["attributes"]
        group = attributes["MessageGroupId"]
        # Once a message fails, the rest of its group is not begun.
        if group in groups or record["body"] == "bad 1":
            groups.add(group)
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        sqs.send_message(
            QueueUrl=os.environ["DONE"],
            MessageBody=record["body"],
            MessageGroupId=group,
            MessageDeduplicationId=attributes["MessageDeduplicationId"],
            MessageAttributes={
                "sequence": {"DataType": "String", "StringValue": attributes["SequenceNumber"]}
            },
        )
    return {"batchItemFailures": failed}
"""


def queue(name, **attributes):
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true", **attributes}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def take(url, wanted):
    """The next messages of a queue until there are so many; fails when they do not come."""
    taken, deadline = [], time.monotonic() + 600
    while len(taken) < wanted:
        assert time.monotonic() < deadline, f"{len(taken)} of {wanted} came: {taken}"
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=5,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        for message in answer.get("Messages", []):
            taken.append(message)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return taken


dead_url, dead = queue("dead.fifo")
done_url, done = queue("done.fifo", VisibilityTimeout="120")
redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
jobs_url, jobs = queue("jobs.fifo", RedrivePolicy=redrive, VisibilityTimeout="30")

trust = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}
role = iam.create_role(RoleName="fifo", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
allowed = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": [jobs, done]}],
}
iam.put_role_policy(RoleName="fifo", PolicyName="queues", PolicyDocument=json.dumps(allowed))
functions.create_function(
    FunctionName="fifo",
    Runtime="python3.12",
    Role=role,
    Handler="app.handler",
    Timeout=10,
    Code=package("app.py", CODE),
    Environment={"Variables": {"DONE": done_url}},
)
functions.get_waiter("function_active_v2").wait(FunctionName="fifo")

# Ten messages of each of three groups, in turns; a repeated one is the same message.
sequences = {}
for number in range(10):
    for group in ("good", "bad", "fine"):
        body = f"{group} {number}"
        sent = sqs.send_message(QueueUrl=jobs_url, MessageBody=body, MessageGroupId=group)
        again = sqs.send_message(QueueUrl=jobs_url, MessageBody=body, MessageGroupId=group)
        assert again["MessageId"] == sent["MessageId"]
        assert again["SequenceNumber"] == sent["SequenceNumber"]
        assert len(sent["SequenceNumber"]) == 20
        sequences[body] = sent["SequenceNumber"]
assert list(sequences.values()) == sorted(sequences.values())

# One by one: what a batch reports behind a failure is counted as received too, and would follow it.
mapping = functions.create_event_source_mapping(
    FunctionName="fifo",
    EventSourceArn=jobs,
    BatchSize=1,
    FunctionResponseTypes=["ReportBatchItemFailures"],
)
taken = take(done_url, 29)
by_group = {}
for message in taken:
    group = message["Attributes"]["MessageGroupId"]
    by_group.setdefault(group, []).append(message["Body"])
    sequence = message["MessageAttributes"]["sequence"]["StringValue"]
    assert sequence == sequences[message["Body"]], message
assert by_group["good"] == [f"good {number}" for number in range(10)], by_group
assert by_group["fine"] == [f"fine {number}" for number in range(10)], by_group
assert by_group["bad"] == [f"bad {number}" for number in range(10) if number != 1], by_group
[letter] = take(dead_url, 1)
assert letter["Body"] == "bad 1"
assert letter["Attributes"]["MessageGroupId"] == "bad"
assert letter["Attributes"]["DeadLetterQueueSourceArn"] == jobs
# The others did not wait for it.
bodies = [message["Body"] for message in taken]
assert bodies.index("good 9") < bodies.index("bad 2"), bodies
assert bodies.index("fine 9") < bodies.index("bad 2"), bodies

counts = sqs.get_queue_attributes(QueueUrl=jobs_url, AttributeNames=["All"])["Attributes"]
assert counts["ApproximateNumberOfMessages"] == "0", counts

try:
    functions.update_event_source_mapping(UUID=mapping["UUID"], MaximumBatchingWindowInSeconds=1)
    raise AssertionError("a window of a FIFO queue")
except functions.exceptions.InvalidParameterValueException as error:
    assert "Batching window is not supported for FIFO queues" in str(error), error
functions.delete_event_source_mapping(UUID=mapping["UUID"])

"""Loops of functions through queues, buckets and themselves, with the SDKs that functions bring."""

import json
import time

import boto3
from package import package

iam, functions, sqs, s3 = (boto3.client(name) for name in ("iam", "lambda", "sqs", "s3"))

# Sends what it gets to the queue that it gets it from.
THROUGH_QUEUE = """
import os
import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    for record in event["Records"]:
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=record["body"])
        sqs.send_message(QueueUrl=os.environ["JOBS"], MessageBody=record["body"])
"""
# Calls itself and waits for it.
BY_ITSELF = """
import json
import boto3

functions = boto3.client("lambda")


def handler(event, context):
    try:
        answer = functions.invoke(FunctionName=context.function_name, Payload=json.dumps({"depth": event["depth"] + 1}))
        return json.loads(answer["Payload"].read())
    except functions.exceptions.RecursiveInvocationException as error:
        return {"depth": event["depth"], "error": error.response["Error"]["Message"]}
"""
# Hands an event for itself over.
BY_EVENTS = """
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
const [functions, sqs] = [new LambdaClient(), new SQSClient()];
export const handler = async (event, context) => {
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN, MessageBody: "node" }));
  const Payload = JSON.stringify({ depth: event.depth + 1 });
  await functions.send(new InvokeCommand({ FunctionName: context.functionName, InvocationType: "Event", Payload }));
};
"""
# Writes an object into the bucket that tells it of objects.
THROUGH_BUCKET = """
import os
import boto3

sqs, s3 = boto3.client("sqs"), boto3.client("s3")


def handler(event, context):
    for record in event["Records"]:
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody="bucket")
        s3.put_object(Bucket=record["s3"]["bucket"]["name"], Key=context.aws_request_id, Body=b"x")
"""
TIMES = 16


def queue(name, **attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def take(url, wanted):
    """The next messages of a queue until there are so many; fails when they do not come."""
    taken, deadline = [], time.monotonic() + 600
    while len(taken) < wanted:
        assert time.monotonic() < deadline, f"{len(taken)} of {wanted} came: {taken}"
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5, MessageSystemAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            taken.append(message)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return taken


def none_left(url):
    answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert "Messages" not in answer, answer


def create(name, runtime, file, code, **options):
    return functions.create_function(
        FunctionName=name, Runtime=runtime, Role=role, Handler=f"{file.split('.')[0]}.handler", Timeout=15,
        Code=package(file, code), **options,
    )["FunctionArn"]


trust = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}
role = iam.create_role(RoleName="looping", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
allowed = {"Effect": "Allow", "Action": ["sqs:*", "lambda:*", "s3:*"], "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
iam.put_role_policy(RoleName="looping", PolicyName="all", PolicyDocument=policy)

seen_url, _ = queue("seen")
dead_url, dead = queue("dead")
redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
jobs_url, jobs = queue("jobs", RedrivePolicy=redrive, VisibilityTimeout="15")

# A function that sends to its own queue: it runs 16 times, then its message is a dead letter.
create("queue", "python3.12", "app.py", THROUGH_QUEUE, Environment={"Variables": {"SEEN": seen_url, "JOBS": jobs_url}})
functions.create_event_source_mapping(FunctionName="queue", EventSourceArn=jobs, BatchSize=1)
sqs.send_message(QueueUrl=jobs_url, MessageBody="loop")
seen = take(seen_url, TIMES)
headers = [message["Attributes"]["AWSTraceHeader"] for message in seen]
assert len({header.split(";")[0] for header in headers}) == 1, headers
counts = sorted(int(header.split("Lineage=")[1].split(":")[1]) for header in headers)
assert counts == list(range(1, TIMES + 1)), headers
letter = take(dead_url, 1)[0]
assert letter["Body"] == "loop"
none_left(seen_url)

# A function that calls itself: the seventeenth call is refused.
create("itself", "python3.12", "app.py", BY_ITSELF)
answer = json.loads(functions.invoke(FunctionName="itself", Payload='{"depth": 1}')["Payload"].read())
assert answer["depth"] == TIMES and "recursive loop" in answer["error"], answer

# One that hands events to itself: the seventeenth goes to its dead-letter queue.
create(
    "events", "nodejs22.x", "index.mjs", BY_EVENTS,
    Environment={"Variables": {"SEEN": seen_url}}, DeadLetterConfig={"TargetArn": dead},
)
functions.invoke(FunctionName="events", InvocationType="Event", Payload='{"depth": 1}')
assert json.loads(take(dead_url, 1)[0]["Body"])["depth"] == TIMES + 1
assert len(take(seen_url, TIMES)) == TIMES
none_left(seen_url)

# One that writes into its own bucket.
arn = create(
    "bucket", "python3.12", "app.py", THROUGH_BUCKET,
    Environment={"Variables": {"SEEN": seen_url}}, DeadLetterConfig={"TargetArn": dead},
)
functions.add_permission(FunctionName="bucket", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
s3.create_bucket(Bucket="loops")
configuration = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
s3.put_bucket_notification_configuration(Bucket="loops", NotificationConfiguration=configuration)
s3.put_object(Bucket="loops", Key="first", Body=b"x")
assert "loops" in take(dead_url, 1)[0]["Body"]
assert len(take(seen_url, TIMES)) == TIMES
none_left(seen_url)
assert len(s3.list_objects_v2(Bucket="loops")["Contents"]) == TIMES + 1

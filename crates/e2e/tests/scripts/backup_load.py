"""Moves one from a count to another, again and again; prints what was acknowledged."""

import sys
import threading

import boto3
from package import package

tables = boto3.client("dynamodb")
tables.create_table(
    TableName="pairs",
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    BillingMode="PAY_PER_REQUEST",
)
tables.get_waiter("table_exists").wait(TableName="pairs")

queues = boto3.client("sqs")
url = queues.create_queue(QueueName="letters")["QueueUrl"]
for number in range(20):
    queues.send_message(QueueUrl=url, MessageBody=f"letter {number}")
hidden = queues.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
assert len(hidden) == 1

iam = boto3.client("iam")
trust = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "lambda.amazonaws.com"}}]}'
)
role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
iam.create_user(UserName="ada")
iam.create_access_key(UserName="ada")
functions = boto3.client("lambda")
functions.create_function(
    FunctionName="worker",
    Runtime="python3.12",
    Role=role,
    Handler="app.handler",
    Code=package("app.py", "def handler(event, context):\n    return 1\n" + "# " + "x" * 99_999),
    Environment={"Variables": {"SECRET": "hunter2"}},
)
functions.create_function_url_config(FunctionName="worker", AuthType="AWS_IAM")
boto3.client("logs").create_log_group(logGroupName="notes")


def move(pair):
    client = boto3.client("dynamodb")
    done = 0
    while True:
        client.update_item(
            TableName="pairs",
            Key={"id": {"S": str(pair)}},
            UpdateExpression="ADD lost :lost, gained :gained",
            ExpressionAttributeValues={":lost": {"N": "-1"}, ":gained": {"N": "1"}},
        )
        done += 1
        # Line and end in one write: there are several threads.
        print(f"ack {pair} {done}\n", end="", flush=True)


for pair in range(3):
    threading.Thread(target=move, args=(pair,), daemon=True).start()
sys.stdin.read()

"""A queue whose messages a function writes down in a table, and a table for direct writes."""

import io
import json
import zipfile

import boto3

iam, functions, sqs, tables = (boto3.client(n) for n in ("iam", "lambda", "sqs", "dynamodb"))

CODE = """
import boto3

tables = boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        tables.put_item(TableName="handled", Item={"id": {"S": record["body"]}})
"""


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


for table in ("written", "handled"):
    arn = tables.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    tables.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
url = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
jobs = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
trust = document(Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
iam.attach_role_policy(RoleName="worker", PolicyArn=managed)
put = document(Action="dynamodb:PutItem", Resource=arn)
iam.put_role_policy(RoleName="worker", PolicyName="put", PolicyDocument=put)
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("app.py", CODE)
functions.create_function(
    FunctionName="worker",
    Runtime="python3.12",
    Role=role,
    Handler="app.handler",
    Code={"ZipFile": code.getvalue()},
    Timeout=5,
)
functions.get_waiter("function_active_v2").wait(FunctionName="worker")
functions.create_event_source_mapping(FunctionName="worker", EventSourceArn=jobs)

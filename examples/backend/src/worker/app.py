"""The worker service: welcomes each user once.

A job may arrive more than once, because a worker may die after its work and before the queue knows
of it: the condition of the update lets only the first one welcome. A job that fails is reported by
its id, so only that one is tried again; after three tries the queue sets it aside.
"""

import json
import os
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError

users = boto3.resource("dynamodb").Table(os.environ["USERS_TABLE"])


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            welcome(json.loads(record["body"])["email"])
        except Exception as error:
            attempt = record["attributes"]["ApproximateReceiveCount"]
            print(f"failed {record['messageId']} (attempt {attempt}): {error!r}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def welcome(email):
    if email.endswith("@poison.example"):
        raise ValueError(f"{email} cannot be welcomed")
    try:
        users.update_item(
            Key={"email": email},
            UpdateExpression="SET welcomedAt = :now",
            ConditionExpression="attribute_exists(email) AND attribute_not_exists(welcomedAt)",
            ExpressionAttributeValues={":now": datetime.now(timezone.utc).isoformat()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print(f"skipped {email}: welcomed already, or gone")
        return
    print(f"welcomed {email}")

# What all functions of the mixed load are: each notes in a table what it has seen, before it answers.
# What is poisoned is seen and then fails, every time.
import json
import os

import boto3

TABLE = os.environ["TABLE"]
tables = boto3.client("dynamodb")


class Poisoned(Exception):
    pass


def see(event):
    tables.put_item(TableName=TABLE, Item={"id": {"S": event["id"]}})


def last(group):
    key = {"id": {"S": "group " + group}}
    item = tables.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    return int(item["last"]["N"]) if item else -1


def keep_order(event):
    """Notes where the numbers of a group are not one after the other. The same again is allowed."""
    group, number = event["group"], event["number"]
    before = last(group)
    if number <= before:
        return
    if number > before + 1:
        text = "gap %s %d %d" % (group, before, number)
        tables.put_item(TableName=TABLE, Item={"id": {"S": text}})
    item = {"id": {"S": "group " + group}, "last": {"N": str(number)}}
    tables.put_item(TableName=TABLE, Item=item)


def take(event):
    if "group" in event:
        keep_order(event)
    see(event)
    if event["poison"]:
        raise Poisoned(event["id"])


def batch(records):
    failed, groups = [], set()
    for record in records:
        group = record["attributes"].get("MessageGroupId")
        try:
            # Once one of a group has failed, what follows it is not begun.
            if group in groups:
                raise Poisoned(group)
            take(json.loads(record["body"]))
        except Poisoned:
            failed.append({"itemIdentifier": record["messageId"]})
            groups.add(group or record["messageId"])
    return {"batchItemFailures": failed}


def handler(event, context):
    if "Records" in event:
        return batch(event["Records"])
    if "requestContext" in event:
        event = json.loads(event["body"])
        return {"statusCode": 200, "body": json.dumps({"hello": event["name"]})}
    if "name" in event:
        return {"hello": event["name"]}
    take(event)

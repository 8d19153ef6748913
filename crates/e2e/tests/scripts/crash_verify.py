"""Fails unless all that standard input names as acknowledged is there and was handled."""

import sys
import time

import boto3

tables, sqs = boto3.client("dynamodb"), boto3.client("sqs")
acknowledged = {"message": set(), "item": set()}
for line in sys.stdin:
    kind, name = line.split()
    acknowledged[kind].add(name)
assert all(acknowledged.values()), "nothing was acknowledged"


def names(table):
    pages = tables.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {item["id"]["S"] for page in pages for item in page["Items"]}


lost = acknowledged["item"] - names("written")
assert not lost, f"lost items: {sorted(lost)}"
url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
deadline = time.monotonic() + 40
while True:
    lost = acknowledged["message"] - names("handled")
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    left = sum(int(count) for name, count in counts.items() if name.startswith("ApproximateNumber"))
    if not lost and not left:
        break
    assert time.monotonic() < deadline, f"{left} messages are left; not handled: {sorted(lost)}"

"""Sends messages and puts items until the node is gone. Prints what was acknowledged, one a line.

The argument is a prefix that makes the names of this run its own.
"""

import itertools
import sys
import threading

import boto3
from botocore.exceptions import BotoCoreError

prefix = sys.argv[1]
print_lock = threading.Lock()


def until_gone(kind, call):
    for number in itertools.count():
        name = f"{prefix}-{threading.current_thread().name}-{number}"
        try:
            call(name)
        except BotoCoreError:
            return
        with print_lock:
            print(kind, name)


def sender():
    client = boto3.session.Session().client("sqs")
    url = client.get_queue_url(QueueName="jobs")["QueueUrl"]
    until_gone("message", lambda name: client.send_message(QueueUrl=url, MessageBody=name))


def writer():
    client = boto3.session.Session().client("dynamodb")
    until_gone("item", lambda name: client.put_item(TableName="written", Item={"id": {"S": name}}))


threads = [threading.Thread(target=work, name=f"{work.__name__}{n}") for work in (sender, writer) for n in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

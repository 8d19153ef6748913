"""Writes with several clients at once. Every message and item has a name that a trace can find."""

import threading

import boto3

sqs, tables = boto3.client("sqs"), boto3.client("dynamodb")
url = sqs.create_queue(
    # Sealed bodies could not be told apart in the log.
    QueueName="jobs", Attributes={"SqsManagedSseEnabled": "false"}
)["QueueUrl"]
tables.create_table(
    TableName="items",
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    BillingMode="PAY_PER_REQUEST",
)
tables.get_waiter("table_exists").wait(TableName="items", WaiterConfig={"Delay": 1})


def work(client):
    queue, table = boto3.session.Session().client("sqs"), boto3.session.Session().client("dynamodb")
    for number in range(25):
        name = f"traced-{client}-{number}-"
        queue.send_message(QueueUrl=url, MessageBody=name + "message.")
        table.put_item(TableName="items", Item={"id": {"S": name + "item."}})


threads = [threading.Thread(target=work, args=[client]) for client in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

"""What a restored installation must hold; the arguments are the moves acknowledged before."""

import sys

import boto3

tables = boto3.client("dynamodb")
for pair, before in enumerate(sys.argv[1:]):
    item = tables.get_item(TableName="pairs", Key={"id": {"S": str(pair)}})["Item"]
    lost, gained = int(item["lost"]["N"]), int(item["gained"]["N"])
    assert lost + gained == 0, f"a transaction is there in part: {lost}, {gained}"
    assert gained >= int(before), f"{gained} of {before}"

queues = boto3.client("sqs")
url = queues.get_queue_url(QueueName="letters")["QueueUrl"]
bodies = set()
while found := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
    for message in found:
        bodies.add(message["Body"])
        queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
assert len(bodies) == 19, bodies
queues.send_message(QueueUrl=url, MessageBody="new")
assert queues.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "new"

functions = boto3.client("lambda")
worker = functions.get_function(FunctionName="worker")["Configuration"]
assert worker["Environment"]["Variables"] == {"SECRET": "hunter2"}
assert functions.get_function_url_config(FunctionName="worker")["AuthType"] == "AWS_IAM"
functions.update_function_configuration(FunctionName="worker", Timeout=5)
assert [user["UserName"] for user in boto3.client("iam").list_users()["Users"]] == ["ada"]

"""Queues with boto3, which checks every checksum that it is given."""

import boto3

sqs = boto3.client("sqs")
dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
url = sqs.create_queue(
    QueueName="jobs",
    Attributes={
        "VisibilityTimeout": "0",
        "RedrivePolicy": '{"deadLetterTargetArn": "%s", "maxReceiveCount": "2"}' % arn,
    },
    tags={"team": "blue"},
)["QueueUrl"]
assert sqs.get_queue_url(QueueName="jobs")["QueueUrl"] == url
assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "blue"}

sent = sqs.send_message(
    QueueUrl=url,
    MessageBody="hello ☁",
    MessageAttributes={
        "n": {"DataType": "Number", "StringValue": "1.5"},
        "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    },
)
for count in ("1", "2"):
    [message] = sqs.receive_message(
        QueueUrl=url,
        WaitTimeSeconds=2,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "hello ☁"
    assert message["Attributes"]["ApproximateReceiveCount"] == count
    assert message["MessageAttributes"]["b"]["BinaryValue"] == b"\x00\xff"
assert "Messages" not in sqs.receive_message(QueueUrl=url)
[letter] = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=2)["Messages"]
sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])

batch = sqs.send_message_batch(
    QueueUrl=url,
    Entries=[{"Id": str(n), "MessageBody": str(n)} for n in range(9)]
    + [{"Id": "bad", "MessageBody": "x", "DelaySeconds": 901}],
)
assert len(batch["Successful"]) == 9
assert [entry["Id"] for entry in batch["Failed"]] == ["bad"]
seen = set()
while len(seen) < 9:
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60)[
        "Messages"
    ]:
        seen.add(message["Body"])
assert seen == {str(n) for n in range(9)}

try:
    sqs.send_message(QueueUrl=url + "-none", MessageBody="x")
except sqs.exceptions.QueueDoesNotExist as error:
    assert error.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
else:
    raise AssertionError("a queue that does not exist took a message")
sqs.delete_queue(QueueUrl=url)

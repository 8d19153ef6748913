"""Roles with boto3: what a role may not do, its session cannot."""

import json

import boto3
from botocore.exceptions import ClientError

iam, sts, sqs = (boto3.client(name) for name in ("iam", "sts", "sqs"))
account = sts.get_caller_identity()["Account"]
url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


iam.create_user(UserName="ada")
key = iam.create_access_key(UserName="ada")["AccessKey"]
ada = dict(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
trust = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{account}:user/ada"})
role = iam.create_role(RoleName="sender", AssumeRolePolicyDocument=trust)["Role"]
allowed = document(Action="sqs:SendMessage", Resource=queue)
iam.put_role_policy(RoleName="sender", PolicyName="send", PolicyDocument=allowed)


def refused(call, *codes, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in codes, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call} was allowed")


message = refused(
    boto3.client("sqs", **ada).send_message, "AccessDenied", QueueUrl=url, MessageBody="x"
)
assert "user/ada is not authorized to perform: sqs:SendMessage" in message, message

session = boto3.client("sts", **ada).assume_role(RoleArn=role["Arn"], RoleSessionName="session")
credentials = session["Credentials"]
sender = boto3.client(
    "sqs",
    aws_access_key_id=credentials["AccessKeyId"],
    aws_secret_access_key=credentials["SecretAccessKey"],
    aws_session_token=credentials["SessionToken"],
)
sender.send_message(QueueUrl=url, MessageBody="allowed")
refused(sender.receive_message, "AccessDenied", QueueUrl=url)

refused(
    boto3.client("sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key="wrong").send_message,
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    QueueUrl=url,
    MessageBody="x",
)
iam.delete_role_policy(RoleName="sender", PolicyName="send")
refused(sender.send_message, "AccessDenied", QueueUrl=url, MessageBody="x")
refused(iam.get_role, "NoSuchEntity", RoleName="none")

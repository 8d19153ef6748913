import os

import boto3

parameters = boto3.client("ssm")
files = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    stored = parameters.get_parameter(Name=os.environ["GREETING"])
    greeting = stored["Parameter"]["Value"]
    for record in event.get("Records", []):
        order = record["body"]
        files.put_object(Bucket=os.environ["BUCKET"], Key=order, Body=greeting.encode())
        table.put_item(Item={"id": order, "greeting": greeting})
    return {"statusCode": 200, "body": greeting}

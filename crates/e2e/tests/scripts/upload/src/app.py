import os
import urllib.parse

import boto3

storage, tables = boto3.client("s3"), boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        text = storage.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        print("kept", key, text)
        item = {"id": {"S": key}, "text": {"S": text}}
        tables.put_item(TableName=os.environ["TABLE"], Item=item)

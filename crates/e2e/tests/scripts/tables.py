"""Tables with boto3's resource interface and its typed errors."""

from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key

table = boto3.resource("dynamodb").create_table(
    TableName="music",
    KeySchema=[
        {"AttributeName": "artist", "KeyType": "HASH"},
        {"AttributeName": "year", "KeyType": "RANGE"},
    ],
    AttributeDefinitions=[
        {"AttributeName": "artist", "AttributeType": "S"},
        {"AttributeName": "year", "AttributeType": "N"},
    ],
    BillingMode="PAY_PER_REQUEST",
)
table.wait_until_exists()
with table.batch_writer() as batch:
    for year in range(1980, 2020):
        batch.put_item({"artist": "a", "year": year, "price": Decimal("9.99"), "tags": {"x", "y"}})
answer = table.query(KeyConditionExpression=Key("artist").eq("a") & Key("year").between(1990, 1999))
assert [int(item["year"]) for item in answer["Items"]] == list(range(1990, 2000))
assert answer["Items"][0]["price"] == Decimal("9.99")
last = table.query(
    KeyConditionExpression=Key("artist").eq("a"), ScanIndexForward=False, Limit=1
)
assert last["Items"][0]["year"] == 2019 and "LastEvaluatedKey" in last
assert table.scan(FilterExpression=Attr("year").gt(2017))["Count"] == 2

changed = table.update_item(
    Key={"artist": "a", "year": 2019},
    UpdateExpression="SET plays = if_not_exists(plays, :zero) + :one REMOVE price",
    ExpressionAttributeValues={":zero": 0, ":one": 1},
    ReturnValues="ALL_NEW",
)["Attributes"]
assert changed["plays"] == 1 and "price" not in changed
client = table.meta.client
try:
    table.put_item(Item={"artist": "a", "year": 2019}, ConditionExpression="attribute_not_exists(artist)")
except client.exceptions.ConditionalCheckFailedException as error:
    assert error.response["Error"]["Message"] == "The conditional request failed"
else:
    raise AssertionError("a condition that does not hold let a write pass")
try:
    client.get_item(TableName="none", Key={"artist": {"S": "a"}})
except client.exceptions.ResourceNotFoundException:
    pass
else:
    raise AssertionError("a table that does not exist answered")
table.delete()
table.wait_until_not_exists()

"""The upload service: keeps what is known of each uploaded file, and a thumbnail of each picture.

Notifications may arrive more than once, and not in order. Those of one file carry a sequencer that
rises, so the condition of the put lets only the newest one win.
"""

import hashlib
import io
import os
from urllib.parse import unquote_plus

import boto3
from botocore.exceptions import ClientError
from PIL import Image

FILES = os.environ["FILES_TABLE"]
THUMBNAILS = os.environ["THUMBNAILS_BUCKET"]
THUMBNAIL_PIXELS = 128
# Larger ones are hashed, but not looked into: they need four bytes of memory for each pixel.
PICTURE_BYTES = 20 * 1024 * 1024
PICTURE_PIXELS = 20_000_000
CHUNK_BYTES = 256 * 1024

s3 = boto3.client("s3")
files = boto3.resource("dynamodb").Table(FILES)


def handler(event, context):
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        uploaded = record["s3"]["object"]
        # Keys arrive as in a query string.
        keep(bucket, unquote_plus(uploaded["key"]), uploaded["sequencer"])


def keep(bucket, name, sequencer):
    try:
        body = s3.get_object(Bucket=bucket, Key=name)["Body"]
    except s3.exceptions.NoSuchKey:
        print(f"skipped {name}: it is gone")
        return
    digest, size, start = hashlib.sha256(), 0, io.BytesIO()
    for chunk in body.iter_chunks(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        if size <= PICTURE_BYTES:
            start.write(chunk)
    sha256 = digest.hexdigest()
    item = {"name": name, "size": size, "sha256": sha256, "sequencer": sequencer}
    picture = thumbnail(start) if size <= PICTURE_BYTES else None
    if picture is not None:
        # By content: another upload of the name must not change the thumbnail of this one.
        item["thumbnail"] = f"{sha256}.png"
        s3.put_object(
            Bucket=THUMBNAILS, Key=item["thumbnail"], Body=picture, ContentType="image/png"
        )
    try:
        files.put_item(
            Item=item,
            ConditionExpression="attribute_not_exists(sequencer) OR sequencer < :this",
            ExpressionAttributeValues={":this": sequencer},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print(f"skipped {name}: a newer upload is kept")
        return
    print(f"kept {name}: {size} bytes")


def thumbnail(file):
    """A small PNG of a picture; None if the file is none that can be read."""
    try:
        with Image.open(file) as picture:
            if picture.width * picture.height > PICTURE_PIXELS:
                return None
            picture.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            small = io.BytesIO()
            picture.convert("RGBA").save(small, "PNG")
            return small.getvalue()
    except Exception as error:  # What a broken picture may raise is not all documented.
        print(f"no thumbnail: {error!r}")
        return None

"""What browsers do with buckets: preflights, presigned URLs of both versions, and forms, which boto3
signs and urllib3 sends as a browser would; then locks on what they brought."""

import datetime

import boto3
import urllib3
from botocore.client import Config
from botocore.exceptions import ClientError

web = urllib3.PoolManager()
v4 = boto3.client("s3", config=Config(signature_version="s3v4"))
v2 = boto3.client("s3", config=Config(signature_version="s3"))
region = v4.meta.region_name
where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError(f"{call} succeeded")


v4.create_bucket(Bucket="photos", **where)

# Pages of other origins.
page = {"Origin": "https://app.example.org"}
ask = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
place = v4.generate_presigned_url("put_object", Params={"Bucket": "photos", "Key": "a b/ü.txt"})
assert web.request("OPTIONS", place, headers=ask).status == 403
v4.put_bucket_cors(
    Bucket="photos",
    CORSConfiguration={
        "CORSRules": [
            {
                "AllowedOrigins": ["https://*.example.org"],
                "AllowedMethods": ["GET", "PUT", "POST"],
                "AllowedHeaders": ["*"],
                "ExposeHeaders": ["ETag"],
                "MaxAgeSeconds": 60,
            }
        ]
    },
)
[rule] = v4.get_bucket_cors(Bucket="photos")["CORSRules"]
assert rule["ExposeHeaders"] == ["ETag"] and rule["MaxAgeSeconds"] == 60, rule
answer = web.request("OPTIONS", place, headers=ask)
assert answer.status == 200, answer.data
assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
answer = web.request("PUT", place, body=b"hello", headers=page)
assert answer.status == 200, answer.data
assert answer.headers["Access-Control-Expose-Headers"] == "ETag"

# URLs of both versions, by every way to change what they name.
for client in (v4, v2):
    for key in ("a b/ü.txt", "plain", "a+b&c=d", "dir//x", "semi;colon'(1)*!~"):
        target = {"Bucket": "photos", "Key": key}
        url = client.generate_presigned_url("put_object", Params={**target, "ContentType": "text/x"})
        answer = web.request("PUT", url, body=b"hello", headers={"Content-Type": "text/x"})
        assert answer.status == 200, (url, answer.data)
        url = client.generate_presigned_url(
            "get_object", Params={**target, "ResponseContentType": "text/y"}
        )
        answer = web.request("GET", url)
        assert (answer.status, answer.data) == (200, b"hello"), (url, answer.data)
        assert answer.headers["Content-Type"] == "text/y"
        assert web.request("DELETE", url).status == 403
        assert web.request("GET", url.replace("text%2Fy", "text%2Fz")).status == 403
        url = client.generate_presigned_url("head_object", Params=target)
        assert web.request("HEAD", url).status == 200
    url = client.generate_presigned_url("list_objects_v2", Params={"Bucket": "photos", "Prefix": "p"})
    assert b"<Key>plain</Key>" in web.request("GET", url).data

names = {"Bucket": "photos", "Key": "parts"}
names["UploadId"] = v4.create_multipart_upload(**names)["UploadId"]
for client in (v4, v2):
    url = client.generate_presigned_url("upload_part", Params={**names, "PartNumber": 1})
    answer = web.request("PUT", url, body=b"part")
    assert answer.status == 200, (url, answer.data)
v4.abort_multipart_upload(**names)

# Temporary credentials.
session = boto3.client("sts").get_session_token()["Credentials"]
temporary = boto3.client(
    "s3",
    aws_access_key_id=session["AccessKeyId"],
    aws_secret_access_key=session["SecretAccessKey"],
    aws_session_token=session["SessionToken"],
    config=Config(signature_version="s3"),
)
url = temporary.generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": "plain"})
answer = web.request("GET", url)
assert answer.status == 200, answer.data
assert web.request("GET", url.replace("x-amz-security-token", "x-amz-other-token")).status == 403

# Forms.
for client in (v4, v2, temporary):
    form = client.generate_presigned_post(
        "photos",
        "forms/${filename}",
        Fields={"Content-Type": "text/plain", "x-amz-meta-a": "1", "success_action_status": "201"},
        Conditions=[
            {"Content-Type": "text/plain"},
            {"x-amz-meta-a": "1"},
            {"success_action_status": "201"},
            ["content-length-range", 1, 10_000_000],
        ],
    )
    for size in (1, 40_000, 9_000_000):
        body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        fields = {**form["fields"], "file": ("cat.bin", body)}
        answer = web.request("POST", form["url"], fields=fields, headers=page)
        assert answer.status == 201, answer.data
        assert b"<Key>forms/cat.bin</Key>" in answer.data, answer.data
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
        found = v4.get_object(Bucket="photos", Key="forms/cat.bin")
        assert found["Body"].read() == body
        assert (found["ContentType"], found["Metadata"]) == ("text/plain", {"a": "1"})
    fields = {**form["fields"], "file": ("cat.bin", b"x" * 10_000_001)}
    answer = web.request("POST", form["url"], fields=fields)
    assert (answer.status, b"<Code>EntityTooLarge</Code>" in answer.data) == (400, True), answer.data
    fields = {**form["fields"], "key": "elsewhere", "file": ("cat.bin", b"x")}
    answer = web.request("POST", form["url"], fields=fields)
    assert (answer.status, b"Policy Condition failed" in answer.data) == (403, True), answer.data
    fields = {**form["fields"], "x-amz-meta-b": "2", "file": ("cat.bin", b"x")}
    answer = web.request("POST", form["url"], fields=fields)
    assert b"Extra input fields: x-amz-meta-b" in answer.data, answer.data

# Locks.
v4.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True, **where)
lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
v4.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=lock)
assert v4.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"] == lock
version = v4.put_object(Bucket="locked", Key="a", Body=b"x")["VersionId"]
head = v4.head_object(Bucket="locked", Key="a")
assert head["ObjectLockMode"] == "GOVERNANCE", head
one = {"Bucket": "locked", "Key": "a", "VersionId": version}
assert code(v4.delete_object, **one) == "AccessDenied"
gone = v4.delete_objects(Bucket="locked", Delete={"Objects": [{"Key": "a", "VersionId": version}]})
assert gone["Errors"][0]["Code"] == "AccessDenied", gone
v4.put_object_legal_hold(**one, LegalHold={"Status": "ON"})
assert v4.get_object_legal_hold(**one)["LegalHold"] == {"Status": "ON"}
assert code(v4.delete_object, **one, BypassGovernanceRetention=True) == "AccessDenied"
v4.put_object_legal_hold(**one, LegalHold={"Status": "OFF"})
until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
v4.put_object_retention(**one, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
kept = v4.get_object_retention(**one)["Retention"]
assert abs((kept["RetainUntilDate"] - until).total_seconds()) < 1, kept
v4.delete_object(**one, BypassGovernanceRetention=True)
assert code(v4.get_object, **one) == "NoSuchVersion"

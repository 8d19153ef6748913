#!/usr/bin/env python3
"""Writes vectors.json: requests signed by botocore, the oracle for this crate.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install botocore
    /tmp/v/bin/python make_vectors.py > vectors.json

botocore signs an S3 path as it stands; its clients encode all but unreserved characters, and so do
the paths below. Each row holds the request before and after signing; nothing in it is computed by our own code.
"""

import base64
import datetime
import json
import sys

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE/with+plus=="
MOMENT = datetime.datetime(2026, 11, 22, 20, 17, 5)

auth.get_current_datetime = lambda *a, **k: MOMENT

CASES = [
    # name, service, method, url, headers, body, token
    ("json call", "sqs", "POST", "http://localhost:4566/",
     [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.SendMessage")],
     b'{"QueueUrl":"http://localhost/q","MessageBody":"hello"}', None),
    ("json call with token", "dynamodb", "POST", "https://dynamodb.us-east-1.amazonaws.com/",
     [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "DynamoDB_20120810.GetItem")],
     b'{"TableName":"t"}', TOKEN),
    ("query call", "iam", "POST", "http://127.0.0.1:4566/",
     [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
     b"Action=ListUsers&Version=2010-05-08", None),
    ("empty body", "lambda", "GET", "http://localhost:4566/2015-03-31/functions/", [], b"", None),
    ("encoded path", "lambda", "POST",
     "http://localhost:4566/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000"
     "%3Afunction%3Ahello/invocations", [("X-Amz-Invocation-Type", "Event")], b"{}", None),
    ("raw colons in path", "lambda", "POST",
     "http://localhost:4566/functions/arn:aws:lambda:us-east-1:0:function:f/invocations",
     [], b"{}", None),
    ("dot segments", "execute-api", "GET", "http://localhost:4566/a/./b/../c//d/", [], b"", None),
    ("climbing out", "execute-api", "GET", "http://localhost:4566/../../x", [], b"", None),
    ("unreserved and unicode path", "execute-api", "GET",
     "http://localhost:4566/-_.~/%E1%88%B4/a%20b", [], b"", TOKEN),
    ("query order", "execute-api", "GET",
     "http://localhost:4566/?b=2&a=1&a=0&A=3&a-b=4&empty=&slash=a%2Fb&space=a%20b", [], b"", None),
    ("header spaces", "execute-api", "PUT", "http://localhost:4566/x",
     [("X-Custom", "  a   b  c "), ("X-Empty", "")], b"body", None),
    ("unsigned hop headers", "execute-api", "PUT", "http://localhost:4566/x",
     [("User-Agent", "test/1"), ("Expect", "100-continue"), ("X-Amzn-Trace-Id", "Root=1-2-3")],
     b"body", None),
    ("s3 get", "s3", "GET", "http://localhost:4566/bucket/key.txt?versionId=1",
     [("Range", "bytes=0-9")], b"", None),
    ("s3 key as it is", "s3", "PUT",
     "http://localhost:4566/bucket/a//b/../c/./%C3%A4%20%2B%21%27%28%29%2A~%3D.txt",
     [("X-Amz-Storage-Class", "STANDARD"), ("X-Amz-Meta-Owner", "me")], bytes(range(256)), TOKEN),
    ("s3 list", "s3", "GET",
     "http://localhost:4566/bucket?list-type=2&prefix=a%2Fb&delimiter=%2F&encoding-type=url",
     [], b"", None),
    ("s3 subresource", "s3", "GET", "http://localhost:4566/bucket?location", [], b"", None),
]

PRESIGNED = [
    ("presigned get", "s3", "GET", "http://localhost:4566/bucket/a%20b.txt", [], None, 3600),
    ("presigned put with headers", "s3", "PUT",
     "http://localhost:4566/bucket/k?response-content-type=text%2Fplain",
     [("Content-Type", "text/plain"), ("X-Amz-Acl", "private")], TOKEN, 604800),
    ("presigned identity", "sts", "GET",
     "http://localhost:4566/?Action=GetCallerIdentity&Version=2011-06-15",
     [("X-K8s-Aws-Id", "cluster")], None, 60),
    ("presigned path", "execute-api", "GET", "http://localhost:4566/a%20b/../c", [], TOKEN, 1),
]


def row(name, service, method, url, headers, body, token, signer, expires=None):
    credentials = Credentials(KEY_ID, SECRET, token)
    request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
    signer(credentials).add_auth(request)
    signed = [[key, value] for key, value in request.headers.items()]
    return {
        "name": name, "service": service, "region": "us-east-1", "method": method, "url": url,
        "headers": [list(pair) for pair in headers], "body": base64.b64encode(body).decode(),
        "key_id": KEY_ID, "secret": SECRET, "token": token, "now": 1795378625,
        "expires": expires, "signed_url": request.url, "signed_headers": signed,
    }


def main():
    assert MOMENT.replace(tzinfo=datetime.timezone.utc).timestamp() == 1795378625
    rows = []
    for name, service, method, url, headers, body, token in CASES:
        kind = auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth
        rows.append(row(name, service, method, url, headers, body, token,
                        lambda c: kind(c, service, "us-east-1")))
    for name, service, method, url, headers, token, expires in PRESIGNED:
        kind = auth.S3SigV4QueryAuth if service == "s3" else auth.SigV4QueryAuth
        rows.append(row(name, service, method, url, headers, b"", token,
                        lambda c: kind(c, service, "us-east-1", expires=expires), expires))
    json.dump(rows, sys.stdout, indent=1)
    print()


main()

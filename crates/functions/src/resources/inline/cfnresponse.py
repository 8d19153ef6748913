"""Answers the request to a custom resource, as Lambda's module of this name does."""

import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False,
         reason=None):
    log_stream = context.log_stream_name
    answer = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: %s" % log_stream,
        "PhysicalResourceId": physicalResourceId or log_stream,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    })
    print("Response body:", answer)
    request = urllib.request.Request(
        event["ResponseURL"], data=answer.encode(), method="PUT", headers={"Content-Type": ""})
    try:
        with urllib.request.urlopen(request) as reply:
            print("Status code:", reply.status)
    except Exception as error:
        print("send(..) failed:", error)

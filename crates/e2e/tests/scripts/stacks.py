"""A stack with a nested one and two custom resources: made, changed, taken back and deleted."""

import io
import json
import urllib.error
import urllib.request
import zipfile

import boto3

cloudformation, s3, sqs = (boto3.client(name) for name in ("cloudformation", "s3", "sqs"))

CHILD = """
Parameters: {Name: {Type: String}}
Resources:
  Line:
    Type: AWS::SQS::Queue
    Properties: {Tags: [{Key: name, Value: !Ref Name}]}
Outputs: {Line: {Value: !Ref Line}}
"""

PARENT = """
Parameters: {Word: {Type: String}, Child: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
  Python:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Timeout: 60
      Code:
        ZipFile: |
          import cfnresponse

          def handler(event, context):
              word = event["ResourceProperties"]["Word"]
              if word == "fail":
                  cfnresponse.send(event, context, cfnresponse.FAILED, {}, "python-" + word)
              else:
                  data = {"Loud": word.upper()}
                  cfnresponse.send(event, context, cfnresponse.SUCCESS, data, "python-" + word)
  Node:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Timeout: 60
      Code:
        ZipFile: |
          const response = require('cfn-response');
          exports.handler = (event, context) => {
            const length = String(event.ResourceProperties.Word.length);
            response.send(event, context, response.SUCCESS, {Length: length}, 'node');
          };
  Packed:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {S3Bucket: templates, S3Key: code.zip}
  Length:
    Type: AWS::CloudFormation::CustomResource
    Properties: {ServiceToken: !GetAtt Node.Arn, Word: !Ref Word}
  Loud:
    Type: Custom::Loud
    Properties: {ServiceToken: !GetAtt Python.Arn, Word: !Ref Word}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Ref Child, Parameters: {Name: !GetAtt Loud.Loud}}
Outputs:
  Loud: {Value: !GetAtt Loud.Loud}
  Length: {Value: !GetAtt Length.Length}
  Line: {Value: !GetAtt Child.Outputs.Line}
"""

ENDPOINT = cloudformation.meta.endpoint_url


def put(key, text):
    s3.put_object(Bucket="templates", Key=key, Body=text.encode())
    return f"{ENDPOINT}/templates/{key}"


def wait(what):
    waiter = cloudformation.get_waiter(what)
    waiter.wait(StackName="shop", WaiterConfig={"Delay": 1, "MaxAttempts": 600})


def stack():
    return cloudformation.describe_stacks(StackName="shop")["Stacks"][0]


def outputs():
    return {one["OutputKey"]: one["OutputValue"] for one in stack()["Outputs"]}


def ids():
    found = cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}


def events():
    found = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    return [(one["LogicalResourceId"], one["PhysicalResourceId"], one["ResourceStatus"],
             one.get("ResourceStatusReason", "")) for one in reversed(found)]


def request(word):
    values = {"Word": word, "Child": child}
    parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]
    return {"StackName": "shop", "TemplateURL": parent, "Parameters": parameters,
            "Capabilities": ["CAPABILITY_IAM"]}


s3.create_bucket(Bucket="templates")
child, parent = put("child.yaml", CHILD), put("parent.yaml", PARENT)

package = io.BytesIO()
with zipfile.ZipFile(package, "w") as archive:
    archive.writestr("index.py", "def handler(event, context):\n    return 'packed'\n")
s3.put_object(Bucket="templates", Key="code.zip", Body=package.getvalue())

cloudformation.create_stack(**request("hello"))
wait("stack_create_complete")
assert outputs()["Loud"] == "HELLO" and outputs()["Length"] == "5", outputs()
line = outputs()["Line"]
assert sqs.list_queue_tags(QueueUrl=line)["Tags"]["name"] == "HELLO"
assert (ids()["Loud"], ids()["Length"]) == ("python-hello", "node"), ids()
packed = boto3.client("lambda").invoke(FunctionName=ids()["Packed"])
assert json.load(packed["Payload"]) == "packed", packed
nested = cloudformation.describe_stacks(StackName=ids()["Child"])["Stacks"][0]
assert nested["ParentId"] == nested["RootId"] == stack()["StackId"], nested

cloudformation.update_stack(**request("goodbye"))
wait("stack_update_complete")
assert outputs()["Loud"] == "GOODBYE" and outputs()["Line"] == line, outputs()
assert sqs.list_queue_tags(QueueUrl=line)["Tags"]["name"] == "GOODBYE"
assert ids()["Loud"] == "python-goodbye", ids()
assert any(event[:3] == ("Loud", "python-hello", "DELETE_COMPLETE") for event in events()), events()

cloudformation.update_stack(**request("fail"))
wait("stack_rollback_complete")
assert stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", stack()
reason = next(e[3] for e in events() if e[0] == "Loud" and e[2] == "UPDATE_FAILED")
told = "Received response status [FAILED] from custom resource. Message returned: See the details"
assert reason.startswith(told), reason
assert outputs()["Loud"] == "GOODBYE" and ids()["Loud"] == "python-goodbye", outputs()

# Nobody else can answer for a function.
place = stack()["StackId"].split(":stack/")[1]
region, account = cloudformation.meta.region_name, stack()["StackId"].split(":")[4]
url = f"{ENDPOINT}/_pileus/stacks/responses/{account}/{region}/{place}/x?expires=9999999999&token=0"
try:
    urllib.request.urlopen(urllib.request.Request(url, data=b"{}", method="PUT"))
    raise AssertionError("an answer without a token was taken")
except urllib.error.HTTPError as error:
    assert error.code == 403, error

cloudformation.delete_stack(StackName="shop")
wait("stack_delete_complete")
assert cloudformation.describe_stacks()["Stacks"] == []
assert "QueueUrls" not in sqs.list_queues(), sqs.list_queues()

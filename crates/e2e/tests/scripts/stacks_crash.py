"""A custom resource that is answered from outside: `ask` and, in another process, `answer`."""

import json
import sys
import urllib.request

import boto3

cloudformation, sqs = boto3.client("cloudformation"), boto3.client("sqs")

TEMPLATE = """
Resources:
  Asked: {Type: AWS::SQS::Queue, Properties: {QueueName: asked}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
      Policies:
        - PolicyName: ask
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Asked.Arn}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Timeout: 60
      Environment: {Variables: {ASKED: !Ref Asked}}
      Code:
        ZipFile: |
          import boto3, json, os

          def handler(event, context):
              sqs = boto3.client("sqs")
              sqs.send_message(QueueUrl=os.environ["ASKED"], MessageBody=json.dumps(event))
  Seed: {Type: 'Custom::Seed', Properties: {ServiceToken: !GetAtt Function.Arn}}
Outputs: {Seed: {Value: !GetAtt Seed.Key}}
"""


def ask():
    cloudformation.create_stack(
        StackName="shop", TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"])
    waiter = cloudformation.get_waiter("stack_exists")
    waiter.wait(StackName="shop")
    event()


def event():
    """The event that the function got; it stays in the queue."""
    for _ in range(600):
        try:
            url = sqs.get_queue_url(QueueName="asked")["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            continue
        found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, VisibilityTimeout=0)
        for message in found.get("Messages", []):
            return json.loads(message["Body"])
    raise AssertionError("the function was not asked")


def answer():
    asked = event()
    reply = {name: asked[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    reply |= {"Status": "SUCCESS", "PhysicalResourceId": "seed", "Data": {"Key": "grown"}}
    request = urllib.request.Request(
        asked["ResponseURL"], data=json.dumps(reply).encode(), method="PUT")
    assert urllib.request.urlopen(request).status == 200
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="shop", WaiterConfig={"Delay": 1, "MaxAttempts": 600})
    stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
    assert stack["Outputs"][0]["OutputValue"] == "grown", stack


{"ask": ask, "answer": answer}[sys.argv[1]]()

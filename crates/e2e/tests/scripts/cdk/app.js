// A small app as people write them: a queue feeds a function that writes to a table and reads a
// parameter; the function has a URL. Two custom resources are handlers that the CDK brings: one
// empties the bucket before it goes, one calls an operation.

const { join } = require('path');
const { App, CfnOutput, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib');
const { AttributeType, BillingMode, Table } = require('aws-cdk-lib/aws-dynamodb');
const { Code, Function, FunctionUrlAuthType, Runtime } = require('aws-cdk-lib/aws-lambda');
const { SqsEventSource } = require('aws-cdk-lib/aws-lambda-event-sources');
const { Bucket } = require('aws-cdk-lib/aws-s3');
const { Queue } = require('aws-cdk-lib/aws-sqs');
const { StringParameter } = require('aws-cdk-lib/aws-ssm');
const {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  PhysicalResourceId,
} = require('aws-cdk-lib/custom-resources');

const app = new App();
const stack = new Stack(app, 'Shop');
const bucket = new Bucket(stack, 'Files', {
  removalPolicy: RemovalPolicy.DESTROY,
  autoDeleteObjects: true,
});
const table = new Table(stack, 'Orders', {
  partitionKey: { name: 'id', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  removalPolicy: RemovalPolicy.DESTROY,
});
const queue = new Queue(stack, 'Jobs', { visibilityTimeout: Duration.seconds(30) });
const text = app.node.tryGetContext('greeting') ?? 'hello';
const greeting = new StringParameter(stack, 'Greeting', { stringValue: text });
const reading = new AwsCustomResource(stack, 'Reading', {
  onUpdate: {
    service: 'SSM',
    action: 'getParameter',
    parameters: { Name: greeting.parameterName },
    physicalResourceId: PhysicalResourceId.of(`reading of ${text}`),
  },
  policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [greeting.parameterArn] }),
  installLatestAwsSdk: false,
});
const work = new Function(stack, 'Work', {
  runtime: Runtime.PYTHON_3_12,
  handler: 'index.handler',
  code: Code.fromAsset(join(__dirname, 'work')),
  timeout: Duration.seconds(10),
  environment: { BUCKET: bucket.bucketName, GREETING: greeting.parameterName, TABLE: table.tableName },
});
work.addEventSource(new SqsEventSource(queue));
bucket.grantReadWrite(work);
greeting.grantRead(work);
table.grantReadWriteData(work);
const url = work.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });

new CfnOutput(stack, 'Read', { value: reading.getResponseField('Parameter.Value') });
new CfnOutput(stack, 'Url', { value: url.url });
new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
new CfnOutput(stack, 'Table', { value: table.tableName });

// Queues and tables with the AWS SDK for JavaScript v3.
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const require = createRequire(`${process.env.NODE_PATH}/`);
const { SQSClient, CreateQueueCommand, SendMessageCommand, ReceiveMessageCommand } = require(
  "@aws-sdk/client-sqs",
);
const { DynamoDBClient, CreateTableCommand, PutItemCommand, GetItemCommand } = require(
  "@aws-sdk/client-dynamodb",
);

const sqs = new SQSClient({});
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "js" }));
await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
assert.equal(Messages[0].Body, "hello");

const tables = new DynamoDBClient({});
const TableName = "from-js";
await tables.send(
  new CreateTableCommand({
    TableName,
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  }),
);
const Item = { id: { S: "1" }, bytes: { B: new Uint8Array([0, 255]) }, n: { N: "12.5" } };
await tables.send(new PutItemCommand({ TableName, Item }));
const answer = await tables.send(new GetItemCommand({ TableName, Key: { id: { S: "1" } } }));
assert.deepEqual(answer.Item, Item);
await assert.rejects(
  tables.send(new GetItemCommand({ TableName: "none", Key: { id: { S: "1" } } })),
  { name: "ResourceNotFoundException" },
);

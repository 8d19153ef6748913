// The sign-up service: keeps a new user and sends a job that welcomes them.

import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const users = new DynamoDBClient({});
const jobs = new SQSClient({});
const { USERS_TABLE, WELCOME_QUEUE_URL } = process.env;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export async function handler(event) {
  if (event.requestContext.http.method !== "POST") {
    return reply(405, { error: "send a POST" });
  }
  const { email, name } = fields(event);
  if (typeof email !== "string" || email.length > 254 || !EMAIL.test(email)) {
    return reply(400, { error: "email must be an e-mail address" });
  }
  if (typeof name !== "string" || name.trim() === "" || name.length > 200) {
    return reply(400, { error: "name must be a text of 1 to 200 characters" });
  }
  const user = { email: email.toLowerCase(), name: name.trim() };
  const before = await keep(user);
  // A function may die after the put and before the send. So whoever tries again sends the job again
  // until the user is welcomed; the worker welcomes each user once, however many jobs there are.
  if (before === undefined || before.welcomedAt === undefined) {
    await jobs.send(
      new SendMessageCommand({
        QueueUrl: WELCOME_QUEUE_URL,
        MessageBody: JSON.stringify({ email: user.email }),
      }),
    );
  }
  if (before !== undefined) {
    return reply(409, { error: `${user.email} has signed up already` });
  }
  console.log(`signed up ${user.email}`);
  return reply(201, user);
}

// Puts the user if there is none; gives the one that is there already.
async function keep({ email, name }) {
  try {
    await users.send(
      new PutItemCommand({
        TableName: USERS_TABLE,
        Item: {
          email: { S: email },
          name: { S: name },
          signedUpAt: { S: new Date().toISOString() },
        },
        ConditionExpression: "attribute_not_exists(email)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return undefined;
  } catch (error) {
    if (error.name === "ConditionalCheckFailedException") {
      return error.Item ?? {};
    }
    throw error;
  }
}

// The members of the JSON body; none if it is no JSON object.
function fields(event) {
  const body = event.isBase64Encoded
    ? Buffer.from(event.body ?? "", "base64").toString()
    : event.body;
  try {
    return Object(JSON.parse(body ?? ""));
  } catch {
    return {};
  }
}

function reply(statusCode, body) {
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

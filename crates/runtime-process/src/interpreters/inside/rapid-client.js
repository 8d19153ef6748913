// The client of the Runtime API that aws-lambda-ric loads, in JavaScript: its own is a native
// addon that needs a compiler. It has the addon's three functions, over one connection.

"use strict";

const net = require("node:net");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const base = "/2018-06-01/runtime/invocation/";
const headEnd = Buffer.from("\r\n\r\n");

let socket;
// Requests whose replies are outstanding, in order: { message, again, resolve, reject }.
let waiting = [];
let received = [];

function connect() {
  socket = net.connect({ host, port: Number(port), noDelay: true });
  socket.on("data", (chunk) => {
    received.push(chunk);
    while (waiting.length > 0 && takeReply());
    // Only an outstanding reply keeps the process alive, not the open connection.
    if (waiting.length === 0) socket?.unref();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    const lost = waiting;
    socket = undefined;
    waiting = [];
    received = [];
    for (const request of lost) {
      if (request.again) send({ ...request, again: false });
      else request.reject(new Error("the Runtime API closed the connection"));
    }
  });
}

function send(request) {
  if (!socket) connect();
  waiting.push(request);
  socket.ref();
  socket.write(request.message);
}

function takeReply() {
  const data = received.length === 1 ? received[0] : Buffer.concat(received);
  received = [data];
  const end = data.indexOf(headEnd);
  if (end < 0) return false;
  const [status, ...lines] = data.toString("latin1", 0, end).split("\r\n");
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const total = end + headEnd.length + Number(headers["content-length"] ?? 0);
  if (data.length < total) return false;
  const body = data.toString("utf8", end + headEnd.length, total);
  received = data.length > total ? [data.subarray(total)] : [];
  waiting.shift().resolve({ status: Number(status.split(" ")[1]), headers, body });
  return true;
}

function post(path, body, headers) {
  const length = Buffer.byteLength(body);
  const head = `POST ${base}${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${length}\r\n\r\n`;
  // The reply tells the client nothing that it could act on.
  send({ message: head + body, again: false, resolve() {}, reject() {} });
}

exports.next = async () => {
  const message = `GET ${base}next HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const reply = await new Promise((resolve, reject) =>
    send({ message, again: true, resolve, reject }),
  );
  if (reply.status !== 200) {
    throw new Error(`Failed to get next invocation, error ${reply.status}`);
  }
  // Headers arrive as bytes; texts in them are UTF-8.
  for (const name of ["lambda-runtime-client-context", "lambda-runtime-cognito-identity"]) {
    if (reply.headers[name]) {
      reply.headers[name] = Buffer.from(reply.headers[name], "latin1").toString("utf8");
    }
  }
  return { bodyJson: reply.body, headers: reply.headers };
};

exports.done = (id, body) => post(`${id}/response`, body, "");

exports.error = (id, body, cause) => {
  const header = /^[\x20-\x7e]*$/.test(cause) && cause.length < 1024 * 1024;
  post(
    `${id}/error`,
    body,
    header ? `lambda-runtime-function-xray-error-cause: ${cause}\r\n` : "",
  );
};

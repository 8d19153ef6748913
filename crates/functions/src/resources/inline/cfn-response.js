// Answers the request to a custom resource, as Lambda's module of this name does.
'use strict';

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';

exports.send = (event, context, responseStatus, responseData, physicalResourceId, noEcho) => {
  const answer = JSON.stringify({
    Status: responseStatus,
    Reason: `See the details in CloudWatch Log Stream: ${context.logStreamName}`,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: responseData,
  });
  console.log('Response body:\n', answer);
  const url = new URL(event.ResponseURL);
  const http = require(url.protocol === 'https:' ? 'https' : 'http');
  const headers = {'content-type': '', 'content-length': Buffer.byteLength(answer)};
  // A handler that waits for what this gives ends by itself; another ends with `done`.
  return new Promise((resolve) => {
    const end = (text) => {
      console.log(text);
      if (typeof context.done === 'function') context.done();
      resolve();
    };
    const request = http.request(url, {method: 'PUT', headers}, (reply) => {
      reply.resume();
      reply.on('end', () => end(`Status code: ${reply.statusCode}`));
    });
    request.on('error', (error) => end(`send(..) failed executing http.request(..): ${error}`));
    request.end(answer);
  });
};

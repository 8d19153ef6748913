module.exports.hello = async (event) => ({ statusCode: 200, body: `hello ${event.name}` });

module.exports.work = async (event) => {
  for (const record of event.Records) console.log("worked on", record.body);
};

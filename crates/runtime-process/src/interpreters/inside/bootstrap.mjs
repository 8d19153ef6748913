// Starts AWS's runtime client for Node (aws-lambda-ric) with Lambda's module resolution.
//
// The first argument says which major version of the client: 3 still takes handlers with a
// callback, as the runtimes up to Node 22 do. With a second one this process was started ahead of
// need: it loads what every function needs, waits, and only then learns whose it is.

import module from "node:module";

const [client, isParked] = process.argv.splice(2);

if (module.registerHooks) {
  const { resolveSync } = await import("/var/runtime/node-path.mjs");
  module.registerHooks({ resolve: resolveSync });
} else {
  module.register("/var/runtime/node-path.mjs", import.meta.url);
}

if (isParked) {
  const { preload, becomeFunction } = await import("/var/runtime/parked.mjs");
  await preload(client);
  becomeFunction();
}

if (client === "3") {
  const { run } = await import("/var/runtime/client-3/index.mjs");
  await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
} else {
  await import("/var/runtime/client-4/index.mjs");
}

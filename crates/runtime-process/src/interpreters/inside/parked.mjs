// What a Node does that is started ahead of need. Nothing of a function is there while it waits:
// no code, no layer, no variable.

import fs from "node:fs";
import module from "node:module";

// Where the rest comes from.
const REST = 3;

// What AWS's client uses, and most functions with it.
const BUILTINS = [
  "assert", "async_hooks", "buffer", "crypto", "events", "fs", "fs/promises", "http", "https", "net",
  "os", "path", "stream", "string_decoder", "timers", "tls", "url", "util", "worker_threads", "zlib",
];

// Loads what does not look at the environment.
export async function preload(client) {
  const folder = `/var/runtime/client-${client}`;
  const require = module.createRequire(`${folder}/index.mjs`);
  for (const name of BUILTINS) require(`node:${name}`);
  require("./rapid-client.node");
  // Version 4 starts when it is loaded.
  if (client === "3") await import(`${folder}/index.mjs`);
}

// Waits until this process has a function, and takes its environment and working directory. By
/// then the code and the layers are there.
export function becomeFunction() {
  const text = fs.readFileSync(REST, "utf8");
  fs.closeSync(REST);
  // Who would have told it has gone.
  if (text === "") process.exit(0);
  const { cwd, env } = JSON.parse(text);
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of env) process.env[name] = value;
  process.chdir(cwd);
}

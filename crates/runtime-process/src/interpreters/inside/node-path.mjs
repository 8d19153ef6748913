// Lets `import` find packages in NODE_PATH, as Lambda's Node runtimes do. (`require` does anyway.)

import { pathToFileURL } from "node:url";

const parents = (process.env.NODE_PATH ?? "")
  .split(":")
  .filter((folder) => folder.endsWith("/node_modules"))
  .map((folder) => pathToFileURL(folder.slice(0, -"node_modules".length) + "_").href);

const isPackage = (specifier, error) =>
  error.code === "ERR_MODULE_NOT_FOUND" && /^[^./][^:]*$/.test(specifier);

// For hooks in the same thread (Node 22.15 and newer).
export function resolveSync(specifier, context, next) {
  try {
    return next(specifier, context);
  } catch (error) {
    if (!isPackage(specifier, error)) throw error;
    for (const parentURL of parents) {
      try {
        return next(specifier, { ...context, parentURL });
      } catch (inner) {
        if (inner.code !== "ERR_MODULE_NOT_FOUND") throw inner;
      }
    }
    throw error;
  }
}

// For hooks in a thread of their own (older ones).
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isPackage(specifier, error)) throw error;
    for (const parentURL of parents) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch (inner) {
        if (inner.code !== "ERR_MODULE_NOT_FOUND") throw inner;
      }
    }
    throw error;
  }
}

// Fetches URLs, and tells what came of each.
export const handler = async (urls) => {
  const told = [];
  for (const url of urls) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
      told.push(await answer.text());
    } catch (error) {
      told.push(error.cause?.code ?? String(error));
    }
  }
  return told;
};

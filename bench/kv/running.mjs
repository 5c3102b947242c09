/** Clusters that run now, so that an interrupted measurement leaves none behind. */
const running = new Set();
let interrupted = false;

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
]) {
  process.once(signal, async () => {
    interrupted = true;
    await Promise.allSettled([...running].map(async (starting) => (await starting).remove()));
    process.exit(code);
  });
}

/** @returns what the work returns; the cluster is removed then, or when the program is interrupted */
export async function withCluster(start, work) {
  const starting = start();
  running.add(starting);
  try {
    return await work(await starting);
  } finally {
    // What failed because its cluster was removed is no failure: the handler above ends the program.
    if (interrupted) await new Promise(() => {});
    running.delete(starting);
    const cluster = await starting.catch(() => null);
    await cluster?.remove();
  }
}

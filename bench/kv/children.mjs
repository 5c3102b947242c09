/** Programs that a measurement has started. */

/** Kills those that run still, and waits until they have ended. */
export async function killAll(children) {
  const left = children.filter(({ exitCode, signalCode }) => (exitCode ?? signalCode) === null);
  const ended = left.map((child) => new Promise((resolve) => child.once("exit", resolve)));
  for (const child of left) child.kill("SIGKILL");
  await Promise.all(ended);
}

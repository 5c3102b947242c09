/** Ports that nobody listens at, for clusters that stand beside others. */
import { createServer } from "node:net";

/** @returns whether somebody could listen there */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** @returns the first offset from this one on at which all of these ports are free */
export async function freeOffset(from, ports) {
  for (let offset = from; offset < from + 1000; offset += 10) {
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error(`no ports are free from offset ${from} on`);
}

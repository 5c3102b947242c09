import { once } from "node:events";
import { createServer } from "node:net";

/** Where the servers of tests listen. */
export const HOST = "127.0.0.1";

/** The ports below those that the system gives out itself. */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** Each test process that runs at a time has as many of them for itself: two must not find the same one free. */
const PORTS_OF_ONE = 1_500;

/** How far this process is in its part of the range: what it was given once is not given again soon. */
let next = process.pid * 37;

/** Ports that can be bound now, and that no other test process is given meanwhile. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  const parts = Math.floor((HIGHEST - LOWEST) / PORTS_OF_ONE);
  const part = Number(process.env["VITEST_POOL_ID"] ?? 1) % parts;
  while (ports.length < count) {
    const port = LOWEST + part * PORTS_OF_ONE + (next++ % PORTS_OF_ONE);
    if (await canBeBound(port)) ports.push(port);
  }
  return ports;
}

/** Whether nobody listens on this port yet. */
export async function canBeBound(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

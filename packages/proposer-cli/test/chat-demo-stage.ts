import { defaultChatAddress } from "@synod/api";
import { canBeBound } from "./process-stage.ts";

/** A signal that is never given. */
export const never: AbortSignal = new AbortController().signal;

/** Longer than anything in a demo's tests takes, in milliseconds, and shorter than the patience of a test. */
export const LONG_MS = 20_000;

/** Above the ports that the system gives out itself, on Linux; each demo has fifty from there on. */
const [LOWEST, HIGHEST, PORTS_OF_ONE] = [61_050, 65_450, 50];

/** Each test process that runs at a time has as many of them for itself. */
const BLOCKS_OF_ONE = 10;

let next = process.pid;

/** By how much to move a demo so that nobody else has its ports. */
export async function freeOffset(): Promise<number> {
  const blocks = Math.floor((HIGHEST - LOWEST) / PORTS_OF_ONE);
  const part = (Number(process.env["VITEST_POOL_ID"] ?? 1) * BLOCKS_OF_ONE) % (blocks - BLOCKS_OF_ONE);
  for (let tried = 0; tried < BLOCKS_OF_ONE; tried++) {
    const first = LOWEST + (part + (next++ % BLOCKS_OF_ONE)) * PORTS_OF_ONE;
    const ports = Array.from({ length: PORTS_OF_ONE }, (_, place) => first + place);
    const free = await Promise.all(ports.map(canBeBound));
    if (free.every(Boolean)) return first - defaultChatAddress("gateway", 0).port;
  }
  throw new Error("no fifty ports in a row are free for a demo");
}

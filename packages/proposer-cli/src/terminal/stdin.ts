import type { Terminal } from "./terminal.js";

/** All that stdin holds. An interruption ends the wait for it. */
export async function readStdin({ stdin, interrupted }: Terminal): Promise<Buffer> {
  const stopReading = () => stdin.destroy();
  interrupted.addEventListener("abort", stopReading);
  const pieces: Buffer[] = [];
  for await (const piece of stdin) pieces.push(Buffer.from(piece));
  interrupted.removeEventListener("abort", stopReading);
  interrupted.throwIfAborted();
  return Buffer.concat(pieces);
}

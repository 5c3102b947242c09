import { setMaxListeners } from "node:events";

/** Any number of calls may be given one signal, and each takes its listener off when it ends: Node is not to call that a leak. */
export function heardByMany(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

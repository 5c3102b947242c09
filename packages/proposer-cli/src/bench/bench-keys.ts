import { setTimeout as delay } from "node:timers/promises";
import { type Address, formatAddress } from "@synod/api";
import { exchange, problemIn } from "../http-exchange.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { untilInterrupted } from "./load.js";
import { LoadConnection, type LoadedStore } from "./load-connection.js";
import type { Outcome, StoreRequest } from "./store-protocol.js";
import type { Workload } from "./workload.js";

/** How many keys are written at the same time. */
const CONNECTIONS = 32;

/** How long it may take until a key is written at last, in milliseconds. */
const ONE_KEY_MS = 20_000;

const PAUSE_MS = 100;

/** How long it may take to remove the keys, in milliseconds: at all, and more for each request that it takes. */
const REMOVE_MS = 30_000;
const REMOVE_MORE_MS = 100;

/**
 * How long a server may take over one of these requests before the next server is asked, in milliseconds: longer than a
 * gateway waits (5 s), so that its own word comes first.
 */
const ONE_REMOVAL_MS = 7000;

/**
 * Writes every key once, so that reads find them, and a history begins with what they hold.
 *
 * @param onProgress hears how many are written
 * @throws {CommandFailure} if one cannot be written
 */
export async function writeAllKeys(
  store: LoadedStore,
  keys: readonly string[],
  workload: Workload,
  interrupted: AbortSignal,
  onProgress: (written: number) => void,
): Promise<void> {
  let next = 0;
  let written = 0;
  let failure: unknown = null;
  const name = `${store.protocol.name}-first`;
  const places = Array.from({ length: Math.min(CONNECTIONS, keys.length) }, (_, place) => place);
  const connections = places.map((place) => new LoadConnection(store, `${name}-${place + 1}`, place));
  const writeSome = async (connection: LoadConnection) => {
    while (next < keys.length && failure === null) {
      await writeOne(connection, keys[next++] as string, workload, interrupted);
      onProgress(++written);
    }
  };
  try {
    const writing = connections.map((connection) =>
      writeSome(connection).catch((error) => {
        failure ??= error;
      }),
    );
    await untilInterrupted(Promise.all(writing), interrupted);
    interrupted.throwIfAborted();
  } finally {
    for (const connection of connections) connection.close();
  }
  if (failure !== null) throw failure;
}

/** Again and again, within a bound: a cluster may just be looking for a leader. */
async function writeOne(
  connection: LoadConnection,
  key: string,
  workload: Workload,
  interrupted: AbortSignal,
): Promise<void> {
  const end = performance.now() + ONE_KEY_MS;
  for (;;) {
    interrupted.throwIfAborted();
    const outcome = await new Promise<Outcome>((resolve) => connection.ask(workload.put(key), resolve));
    if (outcome.kind === "done") return;
    if (performance.now() > end) throw notWritten(outcome.code);
    await delay(PAUSE_MS, undefined, { signal: interrupted });
  }
}

function notWritten(code: string): CommandFailure {
  const exitCode = EXIT_CODES[code] ?? ExitCode.failure;
  return new CommandFailure(exitCode, "not-written", `no key could be written before the measurement: ${code}`);
}

const EXIT_CODES: Readonly<Record<string, ExitCode>> = {
  "not reachable": ExitCode.nobodyReachable,
  "no-leader": ExitCode.noConsensus,
  "no-quorum": ExitCode.noConsensus,
};

/** Removes what was written to a cluster that goes on, at one server or the next; what stays behind is told. */
export async function removeAllKeys(
  store: LoadedStore,
  keys: readonly string[],
  prefix: string,
  terminal: Terminal,
): Promise<void> {
  const requests = store.protocol.removal(keys, prefix);
  const signal = AbortSignal.timeout(REMOVE_MS + requests.length * REMOVE_MORE_MS);
  let done = 0;
  let reason = "";
  for (const address of store.addresses) {
    try {
      for (; done < requests.length; done++) await removeAt(address, store, requests[done] as StoreRequest, signal);
      return;
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  const places = store.addresses.map(formatAddress).join(", ");
  terminal.warn(`keys that begin with ${prefix} are left at ${places}: ${reason}`);
}

/** @throws {Error} if one of the keys may still be there */
async function removeAt(
  address: Address,
  { secret }: LoadedStore,
  { method, path, body }: StoreRequest,
  signal: AbortSignal,
): Promise<void> {
  const call = { method, path, body: JSON.parse(body), timeoutMs: ONE_REMOVAL_MS, signal, secret };
  const reply = await exchange(address, call);
  const { results = [] } = (reply.body ?? {}) as { readonly results?: readonly { readonly error?: unknown }[] };
  const refusal = reply.status < 300 ? results.find(({ error }) => error)?.error : reply.body;
  if (refusal !== undefined || reply.status >= 300)
    throw new Error(problemIn(refusal)?.detail ?? `status ${reply.status}`);
}

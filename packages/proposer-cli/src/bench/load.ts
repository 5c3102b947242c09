import { LoadConnection, type LoadedStore } from "./load-connection.js";
import type { Measurement } from "./measurement.js";
import { openLoop } from "./open-loop.js";
import type { Outcome } from "./store-protocol.js";
import type { Workload } from "./workload.js";

/** How long a connection waits after an error: a server that refuses at once must not be asked as fast as it refuses. */
const PAUSE_MS = 50;

/** What became of a request that was due, for which no connection was free before the time was up. */
export const NEVER_SENT = "never sent";

/** How much load, and for how long. */
export interface LoadPlan {
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Requests a second in an open loop; null for a closed one. */
  readonly rate: number | null;
}

/** What a loop needs: connections that are free, and a way to send the next operation on one of them. */
export interface LoopStage {
  readonly connections: readonly LoadConnection[];
  /** When what begins starts to count, and when nothing begins any more, on the clock of `performance.now()`. */
  readonly fromMs: number;
  readonly endMs: number;
  /** Sends the next operation, whose time began then. @param tells is called once its outcome is noted */
  send(connection: LoadConnection, beginMs: number, tells: (outcome: Outcome) => void): void;
  /** An operation that was due then will not be sent any more. */
  givesUp(beginMs: number): void;
  /** Aborted when nothing more shall be sent, and nothing is waited for. */
  readonly interrupted: AbortSignal;
}

/**
 * Puts a store under load until the time is up and every answer is there, or until it is interrupted.
 *
 * @param name what the history calls these clients: a name that no other load has
 */
export async function load(
  plan: LoadPlan,
  store: LoadedStore,
  name: string,
  workload: Workload,
  measurement: Measurement,
  interrupted: AbortSignal,
): Promise<void> {
  const places = Array.from({ length: plan.concurrency }, (_, place) => place);
  const connections = places.map((place) => new LoadConnection(store, `${name}-${place + 1}`, place));
  const fromMs = performance.now() + plan.warmUpMs;
  const endMs = fromMs + plan.durationMs;
  measurement.spans(fromMs, endMs);
  const send: LoopStage["send"] = (connection, beginMs, tells) => {
    const asked = workload.next();
    connection.ask(asked, (outcome) => {
      if (outcome.kind === "done") measurement.done(asked.operation, beginMs, performance.now());
      else measurement.failed(outcome.code, beginMs);
      tells(outcome);
    });
  };
  const givesUp = (beginMs: number) => measurement.failed(NEVER_SENT, beginMs);
  const stage = { connections, fromMs, endMs, send, givesUp, interrupted };
  try {
    await untilInterrupted(plan.rate === null ? closedLoop(stage) : openLoop(stage, plan.rate), interrupted);
  } finally {
    if (interrupted.aborted) measurement.endsAt(performance.now());
    for (const connection of connections) connection.close();
  }
}

/** Each connection asks again as soon as it is answered. */
async function closedLoop({ connections, endMs, send, interrupted }: LoopStage): Promise<void> {
  const untilEnd = (connection: LoadConnection) =>
    new Promise<void>((resolve) => {
      const next = () => {
        const now = performance.now();
        if (now >= endMs || interrupted.aborted) return resolve();
        send(connection, now, ({ kind }) => {
          if (kind === "done") next();
          else setTimeout(next, PAUSE_MS);
        });
      };
      next();
    });
  await Promise.all(connections.map(untilEnd));
}

/** Waits for work until it is done or interrupted; what is interrupted is not waited for. */
export async function untilInterrupted(work: Promise<unknown>, interrupted: AbortSignal): Promise<void> {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
    interrupted.addEventListener("abort", stop);
    if (interrupted.aborted) resolve();
  });
  await Promise.race([work, stopped]);
  interrupted.removeEventListener("abort", stop);
}

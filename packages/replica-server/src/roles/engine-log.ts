import { NotServed } from "@synod/acceptor-server";
import type { LogOutcome, LogRequest } from "@synod/consensus";
import type { NodeHost } from "../host/node-host.js";
import { LogRefused, type Patience, type ReplicatedLog } from "../replicated-log.js";
import type { DecidedValues } from "./decided-values.js";

/** A question whose answer nobody looks at: what counts is the slot as of which it is answered. */
const NO_QUESTION = "null";

/** The log of a cluster, as the process of a server that applies it sees it. */
export class EngineLog implements ReplicatedLog {
  readonly #client: Pick<NodeHost<never, LogRequest, LogOutcome>, "propose">;
  readonly #decided: DecidedValues;

  /** @param client a client of the log that reads from the server here alone */
  constructor(client: Pick<NodeHost<never, LogRequest, LogOutcome>, "propose">, decided: DecidedValues) {
    this.#client = client;
    this.#decided = decided;
  }

  async propose(value: string, { timeoutMs }: Patience): Promise<{ slot: number; result: string }> {
    const outcome = await this.#ask({ kind: "submit", value, timeoutMs });
    if (outcome.kind !== "applied") throw refused(outcome);
    return { slot: outcome.slot, result: outcome.result };
  }

  async readBarrier({ timeoutMs }: Patience): Promise<number> {
    const outcome = await this.#ask({ kind: "query", query: NO_QUESTION, strong: true, atLeast: 0, timeoutMs });
    if (outcome.kind !== "answered") throw refused(outcome);
    return outcome.slot;
  }

  subscribe(fromSlot: number) {
    return this.#decided.from(fromSlot);
  }

  async #ask(request: LogRequest): Promise<LogOutcome> {
    try {
      return await this.#client.propose(request);
    } catch (error) {
      if (error instanceof NotServed && (error.code === "stopping" || error.code === "overloaded")) {
        throw new LogRefused(error.code);
      }
      throw new LogRefused("unknown");
    }
  }
}

function refused(outcome: LogOutcome): LogRefused {
  return new LogRefused(outcome.kind === "refused" ? outcome.reason : "unknown");
}

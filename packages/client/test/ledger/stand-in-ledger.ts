import type { ServerResponse } from "node:http";
import { type Address, type ErrorCode, formatAddress, formatNodeIdentity, NODE_HEADER, problem } from "@synod/api";
import { onTestFinished } from "vitest";
import { connectLedger, type LedgerClient, type LedgerOptions } from "../../src/index.ts";
import { refuse, say } from "../key-value/stand-in-gateway.ts";
import { type StandIn, startStandIn } from "../stand-in-server.ts";

/** A body of `POST /ledger/blocks`. */
export interface BlockBody {
  readonly operation: { readonly type: "get" | "put"; readonly key: unknown; readonly value?: unknown };
  readonly session: { client: string; openedAt: number; sequence: number; firstUnacknowledged: number };
  readonly timeout_ms: number;
}

/** The chain that several servers share, and what came of numbered requests, as the replicas keep it. */
export class StandInChain {
  /** Every block that was added, in order. */
  readonly blocks: BlockBody["operation"][] = [];
  readonly sessions = new Map<string, number>();
  readonly #results = new Map<string, object>();

  open(client: string): number {
    const known = this.sessions.get(client) ?? this.sessions.size + 1;
    this.sessions.set(client, known);
    return known;
  }

  /** @returns null if the session is not known (any more) */
  add({ operation, session }: BlockBody): object | null {
    if (this.sessions.get(session.client) !== session.openedAt) return null;
    const requestId = `${session.client}/${session.openedAt}/${session.sequence}`;
    const kept = this.#results.get(requestId);
    if (kept) return kept;
    const height = this.blocks.push(operation);
    const key = JSON.stringify(operation.key);
    const found = [...this.blocks].reverse().find((block) => block.type === "put" && JSON.stringify(block.key) === key);
    const put = { answer: "success", value: null };
    const got = found ? { answer: "value", value: found.value } : { answer: "KEY_DOES_NOT_EXIST", value: null };
    const result = {
      ...(operation.type === "put" ? put : got),
      height,
      hash: "0".repeat(64),
      requestId,
      nonce: 3,
      slot: height + 1,
    };
    this.#results.set(requestId, result);
    return result;
  }
}

/** What a test does with a request instead of carrying it out: `answer` does that, and sends the answer. */
type Instead = (body: BlockBody, response: ServerResponse, answer: () => void) => void;

/** A server of a ledger in this process, which does what a test says. */
export class StandInLedger {
  readonly chain: StandInChain;
  readonly bodies: BlockBody[] = [];
  /** Taken for the next requests, one each. */
  readonly instead: Instead[] = [];
  /** Taken for every request that finds nothing in `instead`. */
  always: Instead | null = null;
  /** What opening a session is answered with, one each. */
  readonly openings: ErrorCode[] = [];
  clusterId = "cluster-a";
  #server: StandIn | null = null;

  constructor(chain: StandInChain) {
    this.chain = chain;
  }

  static async started(chain = new StandInChain()): Promise<StandInLedger> {
    const ledger = new StandInLedger(chain);
    ledger.#server = await startStandIn((request, response) => {
      let text = "";
      request
        .setEncoding("utf8")
        .on("data", (piece) => {
          text += piece;
        })
        .on("end", () => ledger.#take(request.url ?? "", text, response));
    });
    return ledger;
  }

  get address(): Address {
    if (this.#server === null) throw new Error("it is not started");
    return this.#server.address;
  }

  #take(url: string, text: string, response: ServerResponse): void {
    response.setHeader(NODE_HEADER, formatNodeIdentity({ name: "gateway1", clusterId: this.clusterId }));
    if (url === "/ledger/sessions") this.#open(JSON.parse(text), response);
    else if (url === "/ledger/blocks") this.#add(JSON.parse(text), response);
    else refuse(response, "not-found");
  }

  #add(body: BlockBody, response: ServerResponse): void {
    this.bodies.push(body);
    const answer = () => {
      const result = this.chain.add(body);
      if (result === null) refuse(response, "session-expired");
      else say(response, result);
    };
    const instead = this.instead.shift() ?? this.always;
    if (instead) instead(body, response, answer);
    else answer();
  }

  #open({ client }: { client: string }, response: ServerResponse): void {
    const refusal = this.openings.shift();
    if (refusal) refuse(response, refusal);
    else say(response, { client, openedAt: this.chain.open(client), firstSequence: 2, slot: 1 });
  }
}

/** A client of these servers, which is ended with the test; patient, unless it is told otherwise. */
export function clientOf(
  ledgers: readonly (StandInLedger | Address)[],
  options: Partial<LedgerOptions> = {},
): LedgerClient {
  const ending = new AbortController();
  const client = connectLedger({
    servers: ledgers.map((one) => `http://${formatAddress(one instanceof StandInLedger ? one.address : one)}`),
    ...{ timeoutMs: 30_000, serverTimeoutMs: 30_000, signal: ending.signal },
    ...options,
  });
  onTestFinished(async () => {
    ending.abort();
    await client.close();
  });
  return client;
}

/** Answers with an error from the table. */
export function refuseWith(code: ErrorCode): Instead {
  return (_body, response) => {
    const body = problem(code, `refused with ${code}`);
    response.writeHead(body.status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify(body));
  };
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Address, type ErrorCode, formatAddress, formatNodeIdentity, NODE_HEADER, problem } from "@synod/api";
import { type StandIn, startStandIn } from "../stand-in-server.ts";

/** A body of `POST /kv/batch`. */
export interface BatchBody {
  readonly operations: readonly {
    readonly type: "get" | "put" | "delete" | "cas";
    readonly key: string;
    readonly value?: string | null;
    readonly expected?: string | null;
    readonly expectedRevision?: number;
    readonly previous?: boolean;
  }[];
  readonly ordered: boolean;
  readonly consistency?: string;
  readonly token?: number;
  readonly session?: { client: string; openedAt: number; sequence: number; firstUnacknowledged: number };
  readonly timeout_ms: number;
}

type Held = { readonly value: string; readonly revision: number };
type Result = Readonly<Record<string, unknown>>;

/** The state that several gateways share: keys, and what came of numbered writes, as the replicas keep it. */
export class StandInState {
  readonly keys = new Map<string, Held>();
  /** The slots that opened sessions, by client. */
  readonly sessions = new Map<string, number>();
  /** Results by client and number. */
  readonly #results = new Map<string, Result>();
  slot = 0;
  /** Every write that was carried out, in order: `key=value`. */
  readonly written: string[] = [];

  open(client: string): number {
    const known = this.sessions.get(client);
    if (known !== undefined) return known;
    this.sessions.set(client, ++this.slot);
    return this.slot;
  }

  carryOut({ operations, session }: BatchBody): Result[] {
    let numbered = 0;
    return operations.map((operation) => {
      if (operation.type === "get") return this.#get(operation.key);
      if (session === undefined) return this.#write(operation);
      const name = `${session.client} ${session.sequence + numbered++}`;
      if (this.sessions.get(session.client) !== session.openedAt) {
        return { ...operation, error: problem("session-expired", "it is not known") };
      }
      const kept = this.#results.get(name);
      if (kept) return kept;
      const result = this.#write(operation);
      this.#results.set(name, result);
      return result;
    });
  }

  #get(key: string): Result {
    const held = this.keys.get(key);
    const { slot } = this;
    return held
      ? { type: "get", key, ...held, slot, token: slot, learner: "learner1" }
      : { type: "get", key, error: { ...problem("key-not-found", "there is none"), slot } };
  }

  #write({ type, key, value, expected, expectedRevision, previous, ...more }: BatchBody["operations"][number]): Result {
    // The servers would refuse the whole batch.
    if (Object.keys(more).length > 0) throw new Error(`an operation has unknown members: ${Object.keys(more)}`);
    const slot = ++this.slot;
    const before = this.keys.get(key) ?? null;
    const differs = expected !== undefined && (before?.value ?? null) !== expected;
    if (differs || (expectedRevision !== undefined && before?.revision !== expectedRevision)) {
      return { type, key, error: { ...problem("compare-failed", "it differs"), current: before, slot } };
    }
    const told = previous ? { previous: before } : {};
    this.written.push(`${key}=${value ?? ""}`);
    if (typeof value === "string") this.keys.set(key, { value, revision: slot });
    else this.keys.delete(key);
    // As the servers do: only a delete says whether there was something, and it has no revision.
    const came = type === "delete" ? { deleted: before !== null } : { revision: slot };
    return { type, key, ...came, ...told, slot, token: slot };
  }
}

/** What a test does with a batch instead of carrying it out: `answer` does that, and sends the answer. */
type Instead = (batch: BatchBody, response: ServerResponse, answer: () => void) => void;

/** A gateway in this process, which does what a test says. */
export class StandInGateway {
  readonly state: StandInState;
  readonly batches: BatchBody[] = [];
  readonly headers: IncomingMessage["headers"][] = [];
  /** Paths that were asked for, other than batches. */
  readonly asked: string[] = [];
  /** Open watches, and what each was asked with. */
  readonly watches: { readonly response: ServerResponse; readonly path: string; readonly lastEventId: unknown }[] = [];
  /** Taken for the next batches, one each. */
  readonly instead: Instead[] = [];
  /** Taken for every batch that finds nothing in `instead`. */
  always: Instead | null = null;
  /** Whether it answers nothing but batches. */
  isMute = false;
  /** What watches are answered with; null: they are streams. */
  refusesWatches: ErrorCode | null = null;
  /** The names of sessions that were to be opened. */
  readonly names: string[] = [];
  /** What opening a session is answered with, one each. */
  readonly openings: ErrorCode[] = [];
  /** What `/status` says of this gateway's node and the leader's. */
  nodes = { own: "node1", leader: "node1" };
  #server: StandIn | null = null;

  constructor(state: StandInState) {
    this.state = state;
  }

  static async started(state = new StandInState()): Promise<StandInGateway> {
    const gateway = new StandInGateway(state);
    gateway.#server = await startStandIn((request, response) => void gateway.#take(request, response));
    return gateway;
  }

  get address(): Address {
    if (this.#server === null) throw new Error("it is not started");
    return this.#server.address;
  }

  get url(): string {
    return `http://${formatAddress(this.address)}`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece;
    const { url = "" } = request;
    this.headers.push(request.headers);
    response.setHeader(NODE_HEADER, formatNodeIdentity({ name: "gateway1", clusterId: "cluster-a" }));
    if (url === "/kv/batch") return this.#takeBatch(JSON.parse(text), response);
    this.asked.push(`${request.method} ${url}`);
    if (this.isMute) return;
    if (url.startsWith("/kv/watch")) {
      if (this.refusesWatches !== null) return refuse(response, this.refusesWatches);
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      this.watches.push({ response, path: url, lastEventId: request.headers["last-event-id"] });
      return;
    }
    if (url === "/kv/sessions") return this.#open(JSON.parse(text), response);
    if (url === "/status") return say(response, this.#status());
    if (url.startsWith("/kv?")) return say(response, this.#page(new URLSearchParams(url.slice("/kv?".length))));
    refuse(response, "not-found");
  }

  #takeBatch(batch: BatchBody, response: ServerResponse): void {
    this.batches.push(batch);
    const answer = () => say(response, { results: this.state.carryOut(batch), untried: 0 });
    const instead = this.instead.shift() ?? this.always;
    if (instead) instead(batch, response, answer);
    else answer();
  }

  #open({ client }: { client: string }, response: ServerResponse): void {
    this.names.push(client);
    const refusal = this.openings.shift();
    if (refusal) refuse(response, refusal);
    else say(response, { client, openedAt: this.state.open(client), firstSequence: 2, slot: this.state.slot });
  }

  #status() {
    const proposers = [{ name: "proposer1", node: this.nodes.leader }];
    return { leader: "proposer1", proposers, gateway: { name: "gateway1", node: this.nodes.own } };
  }

  #page(query: URLSearchParams) {
    const [prefix, after] = [query.get("prefix") ?? "", query.get("after") ?? ""];
    const keys = [...this.state.keys.keys()].sort().filter((key) => key.startsWith(prefix) && key > after);
    const page = keys.slice(0, Number(query.get("limit") ?? 1000));
    const entries = page.map((key) => ({ key, ...this.state.keys.get(key) }));
    return { entries, next: page.length < keys.length ? page.at(-1) : null, slot: this.state.slot };
  }
}

export function say(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}

/** Answers with an error from the table. */
export function refuse(response: ServerResponse, code: ErrorCode): void {
  const body = problem(code, `refused with ${code}`);
  response.writeHead(body.status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify(body));
}

/** Breaks the connection without an answer. */
export function breakOff(_batch: BatchBody, response: ServerResponse): void {
  response.destroy();
}

/** Answers each operation with this error. */
export function refuseEach(code: ErrorCode) {
  return ({ operations }: BatchBody, response: ServerResponse) => {
    say(response, {
      results: operations.map(({ type, key }) => ({ type, key, error: problem(code, `it is ${code}`) })),
    });
  };
}

/** The numbers of a batch's writes. */
export function numbersOf({ session, operations }: BatchBody): number[] {
  return operations.map((_operation, place) => (session?.sequence ?? Number.NaN) + place);
}

/** Waits for a condition, within a bound. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

import { type Address, CLUSTER_HEADER, formatAddress, NODE_HEADER, parseNodeIdentity } from "@synod/api";
import { NoAnswer } from "../errors.js";
import { isProblem, parseJson } from "../reply-form.js";
import type { Transport, TransportAnswer, TransportFactory } from "../transport.js";
import { type Failure, failureOf } from "./store-errors.js";

/** How long an answer may take beyond the time that the server was given: it has to travel, too. */
function graceMs(withinMs: number): number {
  return Math.min(250, Math.max(25, withinMs / 4));
}

/** The longest time that servers take, in milliseconds. */
const MOST_TIMEOUT_MS = 60_000;

/** The part of its time that a server is given for an answer: so it can still say why there is none. */
const SERVERS_PART = 0.9;

/** How often the time for one server is doubled at most. */
const MOST_DOUBLINGS = 2;

/** One request to whichever server is asked. */
export interface ServerRequest {
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly path: string;
  /** Beside those that go with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What came of it: the body of a success, or why there is none. */
export type Answer =
  | { readonly body: unknown; readonly failure: null; readonly server: Server }
  | { readonly body: null; readonly failure: Failure; readonly server: Server };

/** One gateway. */
export interface Server {
  readonly address: Address;
  /** As people write it. */
  readonly name: string;
  readonly transport: Transport;
  /** When it last failed, by the count of all failures; 0: never. */
  failedAt: number;
}

export interface ServersOptions {
  readonly addresses: readonly Address[];
  readonly secret: string | undefined;
  readonly transport: TransportFactory;
  /** How long one server may take at first before another one is asked, in milliseconds. */
  readonly serverTimeoutMs: number;
  /** The cluster that they must be of; undefined: that of the first answer. */
  readonly clusterId?: string | undefined;
}

/**
 * The gateways of one cluster. One of them is asked until it fails; then it is the turn of the one whose last failure is
 * longest ago. All must be of the cluster whose first answer came: what is sent again to another one would not be known
 * there.
 */
export class Servers {
  readonly all: readonly Server[];
  readonly #secret: string | undefined;
  readonly #serverTimeoutMs: number;
  #headers: Readonly<Record<string, string>>;
  #clusterId: string | null = null;
  #preferred: Server;
  #failures = 0;

  constructor({ addresses, secret, transport, serverTimeoutMs, clusterId }: ServersOptions) {
    this.all = addresses.map((address) => ({
      address,
      name: formatAddress(address),
      transport: transport(address),
      failedAt: 0,
    }));
    const [first] = this.all;
    if (first === undefined) throw new RangeError("a store has at least one server");
    this.#preferred = first;
    this.#secret = secret;
    this.#clusterId = clusterId ?? null;
    this.#serverTimeoutMs = serverTimeoutMs;
    this.#headers = this.#newHeaders();
  }

  /** The one to ask next. */
  get preferred(): Server {
    return this.#preferred;
  }

  /** What goes with every request. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  /** The cluster that they are of; null: none has answered, and none was named. */
  get clusterId(): string | null {
    return this.#clusterId;
  }

  /** How many failures there were, of all servers. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * The time that one server is given for a request, in whole milliseconds. After failures it is more: a cluster that is
   * slow at the moment would else never have the time that it takes.
   *
   * @param leftMs until nobody waits any more
   * @param failures of the same request
   */
  attemptMs(leftMs: number, failures: number): number {
    return this.allOfMs(Math.min(leftMs, this.#serverTimeoutMs * 2 ** Math.min(failures, MOST_DOUBLINGS)));
  }

  /** The time that one server is given for a request if no other one is to be asked in these, in whole milliseconds. */
  allOfMs(leftMs: number): number {
    return Math.max(1, Math.floor(Math.min(leftMs, MOST_TIMEOUT_MS) * SERVERS_PART));
  }

  /** From now on this one is asked first. */
  prefer(server: Server): void {
    this.#preferred = server;
  }

  /** This one could not help: it is another one's turn. */
  failed(server: Server): void {
    server.failedAt = ++this.#failures;
    if (server !== this.#preferred) return;
    for (const other of this.all) if (other.failedAt < this.#preferred.failedAt) this.#preferred = other;
  }

  /** Asks the preferred server, and notes if it fails. Never rejects. @param withinMs the time that the server is given */
  async ask(request: ServerRequest, withinMs: number): Promise<Answer> {
    const server = this.#preferred;
    const answer = await this.askOne(server, request, withinMs);
    if (answer.failure?.mayPass) this.failed(server);
    return answer;
  }

  /** Asks this server. Never rejects. */
  async askOne(server: Server, request: ServerRequest, withinMs: number): Promise<Answer> {
    const timeoutMs = withinMs + graceMs(withinMs);
    try {
      return this.#understood(
        server,
        await server.transport.exchange({ ...request, headers: { ...this.#headers, ...request.headers }, timeoutMs }),
      );
    } catch (error) {
      const isLate = error instanceof Error && error.name === "TimeoutError";
      const { reason, message } = NoAnswer.because(error, server.name, isLate ? withinMs : null);
      const failure = { code: "unreachable", message, mayHaveHappened: reason !== "refused", mayPass: true } as const;
      return { body: null, failure, server };
    }
  }

  /** What a server answered has not the form that its route promises. */
  misunderstood(server: Server): Failure {
    this.failed(server);
    return noGateway(server);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(({ transport }) => transport.close()));
  }

  #understood(server: Server, { status, headers, text }: TransportAnswer): Answer {
    const body = parseJson(text);
    if (this.#clusterId === null) this.#learnCluster(headers[NODE_HEADER]);
    if (status === 200 && typeof body === "object" && body !== null) return { body, failure: null, server };
    if (isProblem(body)) return { body: null, failure: failureOf(body), server };
    return { body: null, failure: noGateway(server), server };
  }

  #learnCluster(header: string | string[] | undefined): void {
    const identity = parseNodeIdentity(header);
    if (identity === null) return;
    this.#clusterId = identity.clusterId;
    this.#headers = this.#newHeaders();
  }

  #newHeaders(): Readonly<Record<string, string>> {
    return {
      "content-type": "application/json",
      ...(this.#secret === undefined ? {} : { authorization: `Bearer ${this.#secret}` }),
      ...(this.#clusterId === null ? {} : { [CLUSTER_HEADER]: this.#clusterId }),
    };
  }
}

function noGateway({ name }: Server): Failure {
  const message = `what listens at ${name} does not answer as a gateway of Synod`;
  return { code: "unreachable", message, mayHaveHappened: true, mayPass: true };
}

import type { NodeId, Random } from "@synod/consensus";
import type { GatewayRequest, Json, ReadLevel } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import { OPENED_AT_UNKNOWN } from "./numbering-client.js";
import { type Asking, oneOf, type Service } from "./service.js";

/** Every so often each client asks what liveness is about. */
const PROBE_EVERY_US = 1_000_000;
/** One of so many runs has clients that open sessions and never come back. */
const CHURN_ONE_IN = 3;
const CHURN_OPENINGS = 24;
const MOST_IN_BURST = 8;

type WriteRequest = GatewayRequest & { readonly kind: "write" };
/** Of a client, or of a person, whose commands are H. */
interface AnyRequest<H> {
  readonly atUs: Microseconds;
  readonly node: NodeId;
  readonly requestId: string;
  readonly command: GatewayRequest | H;
}

/** What clients and persons ask for in one run of any replicated log. */
export class Workload<H = never> {
  readonly #random: Random;
  readonly #clients: readonly NodeId[];
  readonly #requests: AnyRequest<H>[] = [];
  readonly #asking: Asking;
  /** Writes may share a slot: then some are asked for so that they do. */
  readonly #sharesSlots: boolean;

  constructor(random: Random, clients: readonly NodeId[], { asking, touches }: Pick<Service, "asking" | "touches">) {
    this.#random = random;
    this.#asking = asking(random);
    this.#sharesSlots = touches !== undefined;
    this.#clients = clients;
  }

  /** Everything that is asked for. */
  get requests(): readonly AnyRequest<H>[] {
    return this.#requests;
  }

  /** What clients ask for, at any time before this one; at least so many writes and reads. */
  plan(operations: number, untilUs: Microseconds): void {
    while (this.#requests.length < operations) this.#burst(this.#random.below(untilUs));
    if (this.#random.below(CHURN_ONE_IN) === 0) this.#openAndLeave(untilUs);
    this.#ownSession(untilUs);
  }

  /** What liveness is about: a write and a strong read of each client, again and again when all faults are over. */
  probe(calmUs: Microseconds, withinUs: Microseconds): void {
    for (let atUs = calmUs; atUs < calmUs + withinUs; atUs += PROBE_EVERY_US) {
      for (const client of this.#clients) {
        this.#ask(client, atUs, this.#request(this.#asking.put(), null));
        this.#ask(client, atUs + 1, this.#read("strong", null, 1000));
      }
    }
  }

  /** Some requests of one client at about the same time. */
  #burst(atUs: Microseconds): void {
    const random = this.#random;
    const client = oneOf(random, this.#clients);
    const count = 1 + random.below(MOST_IN_BURST);
    const label = random.below(3) === 0 ? "mobile" : null;
    // Now and then in the same moment: then it travels together.
    const withinUs = random.below(3) === 0 ? 1 : 10_000;
    const timeoutMs = this.#sharesSlots && withinUs === 1 ? this.#patienceMs() : null;
    for (let done = 0; done < count; done++) {
      const when = atUs + random.below(withinUs);
      if (random.below(2) === 0) this.#ask(client, when, this.#request(this.#asking.write(), label, timeoutMs));
      else
        this.#ask(
          client,
          when,
          this.#read(oneOf(random, ["eventual", "session", "strong"]), label, 150 + random.below(400)),
        );
    }
  }

  /** @param timeoutMs null: drawn */
  #request(operation: Json, label: string | null, timeoutMs: number | null = null): WriteRequest {
    return { kind: "write", operation, label, session: null, timeoutMs: timeoutMs ?? this.#patienceMs() };
  }

  #patienceMs(): number {
    return 150 + this.#random.below(600);
  }

  #read(level: ReadLevel, label: string | null, timeoutMs: number): GatewayRequest {
    return { kind: "read", query: this.#asking.query(), level, label, token: null, timeoutMs };
  }

  /**
   * A client that numbers its commands itself, and now and then sends one twice at about the same time. Where writes may
   * share a slot, it begins every other one in the moment of the one before: a copy of one of them comes alone.
   */
  #ownSession(untilUs: Microseconds): void {
    const random = this.#random;
    const gateway = oneOf(random, this.#clients);
    const client = "own";
    let atUs = random.below(untilUs);
    this.#ask(gateway, atUs, { kind: "open-session", client, timeoutMs: 400 });
    atUs += 50_000;
    let firstAtUs = atUs;
    for (let sequence = 2; sequence < 12; sequence++) {
      atUs += random.below(40_000);
      const { operation } = this.#request(this.#asking.write(), null);
      const firstUnacknowledged = Math.max(1, sequence - 6);
      const session = { client, openedAt: OPENED_AT_UNKNOWN, sequence, firstUnacknowledged };
      const isWithLast = this.#sharesSlots && sequence % 2 === 1;
      const copies = 1 + random.below(2);
      for (let copy = 1; copy <= copies; copy++) {
        const again = this.#asking.again(operation);
        const request = { kind: "write", operation: again, label: null, session, timeoutMs: 400 } as const;
        const drawnUs = atUs + random.below(60_000);
        if (copy === 1 && !isWithLast) firstAtUs = drawnUs;
        this.#ask(gateway, copy === 1 ? firstAtUs : drawnUs, request);
      }
    }
  }

  /** Clients that open a session and are never heard of again: those of others expire. */
  #openAndLeave(untilUs: Microseconds): void {
    for (let count = 1; count <= CHURN_OPENINGS; count++) {
      const request = { kind: "open-session", client: `passer-by-${count}`, timeoutMs: 300 } as const;
      this.#ask(oneOf(this.#random, this.#clients), this.#random.below(untilUs), request);
    }
  }

  /** What a person does, beside clients. */
  byHand(person: NodeId, count: number, atUs: Microseconds, command: H): void {
    this.#requests.push({ atUs, node: person, requestId: `${person}#${count}`, command });
  }

  #ask(node: NodeId, atUs: Microseconds, command: GatewayRequest): void {
    this.#requests.push({ atUs, node, requestId: `${node}#${this.#requests.length + 1}`, command });
  }
}

import { IDS_PER_ROUND, type NodeId, type Random } from "@synod/consensus";
import type { GatewayRequest, Json, ReadLevel } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import type { Request } from "../world/system.js";
import type { MultiPaxosKinds } from "./multipaxos-kinds.js";
import { OPENED_AT_UNKNOWN } from "./numbering-client.js";
import { type Asking, oneOf, type Service } from "./service.js";
import { ASKED_AFTER_US } from "./settling.js";

/** What is asked of a cluster in one run, and by how many. */
export interface WorkloadSettings {
  readonly operations: number;
  /** Prepares and accepts by hand at most. */
  readonly handPrepares: number;
  readonly handAccepts: number;
}

/** Every so often each client asks what liveness is about. */
const PROBE_EVERY_US = 1_000_000;
/** One of so many runs has clients that open sessions and never come back. */
const CHURN_ONE_IN = 3;
const CHURN_OPENINGS = 24;
const MOST_IN_BURST = 8;
/** Ids of people rise by so many rounds each time: proposers do not get there by themselves. */
const ROUNDS_BY_HAND = 64;

type WriteRequest = GatewayRequest & { readonly kind: "write" };
type ClusterRequest = Request<MultiPaxosKinds>;

/** What clients and persons ask for in one run. */
export class Workload {
  readonly #random: Random;
  readonly #clients: readonly NodeId[];
  readonly #requests: ClusterRequest[] = [];
  readonly #asking: Asking;

  constructor(random: Random, clients: readonly NodeId[], { asking }: Pick<Service, "asking">) {
    this.#random = random;
    this.#asking = asking(random);
    this.#clients = clients;
  }

  plan(
    { operations, handPrepares, handAccepts }: WorkloadSettings,
    acceptors: readonly NodeId[],
    person: NodeId,
    calmUs: Microseconds,
  ): readonly ClusterRequest[] {
    const untilUs = calmUs + ASKED_AFTER_US;
    while (this.#requests.length < operations) this.#burst(this.#random.below(untilUs));
    if (this.#random.below(CHURN_ONE_IN) === 0) this.#openAndLeave(untilUs);
    this.#ownSession(untilUs);
    this.#byHand(handPrepares, handAccepts, acceptors, person, untilUs);
    return this.#requests;
  }

  /** What liveness is about: a write and a strong read of each client, again and again when all faults are over. */
  probe(calmUs: Microseconds, withinUs: Microseconds): readonly ClusterRequest[] {
    const from = this.#requests.length;
    for (let atUs = calmUs; atUs < calmUs + withinUs; atUs += PROBE_EVERY_US) {
      for (const client of this.#clients) {
        this.#ask(client, atUs, this.#request(this.#asking.put(), null));
        this.#ask(client, atUs + 1, this.#read("strong", null, 1000));
      }
    }
    return this.#requests.slice(from);
  }

  /** Some requests of one client at about the same time. */
  #burst(atUs: Microseconds): void {
    const random = this.#random;
    const client = oneOf(random, this.#clients);
    const count = 1 + random.below(MOST_IN_BURST);
    const label = random.below(3) === 0 ? "mobile" : null;
    // Now and then in the same moment: then it travels together.
    const withinUs = random.below(3) === 0 ? 1 : 10_000;
    for (let done = 0; done < count; done++) {
      const when = atUs + random.below(withinUs);
      if (random.below(2) === 0) this.#ask(client, when, this.#request(this.#asking.write(), label));
      else
        this.#ask(
          client,
          when,
          this.#read(oneOf(random, ["eventual", "session", "strong"]), label, 150 + random.below(400)),
        );
    }
  }

  #request(operation: Json, label: string | null): WriteRequest {
    return { kind: "write", operation, label, session: null, timeoutMs: 150 + this.#random.below(600) };
  }

  #read(level: ReadLevel, label: string | null, timeoutMs: number): GatewayRequest {
    return { kind: "read", query: this.#asking.query(), level, label, token: null, timeoutMs };
  }

  /** A client that numbers its commands itself, and now and then sends one twice at about the same time. */
  #ownSession(untilUs: Microseconds): void {
    const random = this.#random;
    const gateway = oneOf(random, this.#clients);
    const client = "own";
    let atUs = random.below(untilUs);
    this.#ask(gateway, atUs, { kind: "open-session", client, timeoutMs: 400 });
    atUs += 50_000;
    for (let sequence = 2; sequence < 12; sequence++) {
      atUs += random.below(40_000);
      const { operation } = this.#request(this.#asking.write(), null);
      const firstUnacknowledged = Math.max(1, sequence - 6);
      const session = { client, openedAt: OPENED_AT_UNKNOWN, sequence, firstUnacknowledged };
      for (let copies = 1 + random.below(2); copies > 0; copies--) {
        const again = this.#asking.again(operation);
        const request = { kind: "write", operation: again, label: null, session, timeoutMs: 400 } as const;
        this.#ask(gateway, atUs + random.below(60_000), request);
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

  #byHand(
    prepares: number,
    accepts: number,
    acceptors: readonly NodeId[],
    person: NodeId,
    untilUs: Microseconds,
  ): void {
    const random = this.#random;
    const isAccept = [
      ...Array.from({ length: random.below(prepares + 1) }, () => false),
      ...Array.from({ length: random.below(accepts + 1) }, () => true),
    ];
    for (const [place, accepts] of random.sample(isAccept, isAccept.length).entries()) {
      const id = IDS_PER_ROUND * ROUNDS_BY_HAND * (place + 1);
      const some = random.sample(acceptors, 1 + random.below(acceptors.length));
      const command = accepts
        ? ({ kind: "accept-by-hand", id, ahead: 1 + random.below(6), value: `by hand ${place + 1}` } as const)
        : ({ kind: "prepare-by-hand", id, acceptors: acceptors.filter((node) => some.includes(node)) } as const);
      this.#requests.push({ atUs: random.below(untilUs), node: person, requestId: `${person}#${place + 1}`, command });
    }
  }

  #ask(node: NodeId, atUs: Microseconds, command: GatewayRequest): void {
    this.#requests.push({ atUs, node, requestId: `${node}#${this.#requests.length + 1}`, command });
  }
}

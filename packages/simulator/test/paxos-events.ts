import type { Acceptance, ProposerReply } from "@synod/consensus";
import type { WorldEvent } from "../src/index.ts";
import type { PaxosKinds } from "../src/paxos/paxos-kinds.ts";

/** What is seen of a pool a1, a2, a3 with proposers p1, p2 and a learner l1, as short as it can be said. */
export type PaxosEvent = WorldEvent<PaxosKinds>;

type Message = PaxosKinds["message"];
type Node = string;

const instance = 1;

function acceptance(accepted: readonly [id: number, value: string] | null): Acceptance | null {
  return accepted && { acceptedId: accepted[0], acceptedValue: accepted[1] };
}

/** A client asks this proposer for this value. */
export function asks(node: Node, value: string): PaxosEvent {
  return { kind: "request", node, requestId: value, command: { instance, value, id: null } };
}

export function restarts(node: Node): PaxosEvent {
  return { kind: "restart", node };
}

/** Its disk says so from now on. */
export function stores(node: Node, ...writes: readonly (number | readonly [id: number, value: string])[]): PaxosEvent {
  const kinds = writes.map((write): PaxosKinds["write"] =>
    typeof write === "number"
      ? { kind: "promised", id: write }
      : { kind: "accepted", id: write[0], instance, value: write[1], byHand: true },
  );
  return { kind: "store", node, writes: kinds };
}

function sends(node: Node, to: Node, message: Message): PaxosEvent {
  return { kind: "send", node, to, message };
}

export function prepares(node: Node, id: number, to = "a1"): PaxosEvent {
  return sends(node, to, { type: "prepare", id, instance });
}

export function proposes(node: Node, id: number, value: string, to = "a1"): PaxosEvent {
  return sends(node, to, { type: "accept", id, instance, value });
}

export function promises(node: Node, id: number, accepted: readonly [number, string] | null = null): PaxosEvent {
  return sends(node, "p1", { type: "promise", id, instance, accepted: acceptance(accepted) });
}

export function tellsAccepted(node: Node, id: number, value: string, to = "p1"): PaxosEvent {
  return sends(node, to, { type: "accepted", id, instance, value });
}

export function ignoresPrepare(node: Node, id: number, promisedId: number): PaxosEvent {
  return sends(node, "p1", { type: "prepare-ignored", id, instance, promisedId, accepted: null });
}

export function ignoresAccept(node: Node, id: number, promisedId: number): PaxosEvent {
  return sends(node, "p1", { type: "accept-ignored", id, instance, promisedId });
}

/** The proposer hears that an acceptor ignored its message. */
export function hearsIgnored(node: Node, id: number, promisedId: number, phase = "prepare"): PaxosEvent {
  const message: Message =
    phase === "prepare"
      ? { type: "prepare-ignored", id, instance, promisedId, accepted: null }
      : { type: "accept-ignored", id, instance, promisedId };
  return { kind: "deliver", node, from: "a1", message };
}

export function learns(node: Node, value: string): PaxosEvent {
  return { kind: "apply", node, slot: instance, command: value };
}

/** The proposer tells its client what is chosen, or that it does not know. */
export function reports(node: Node, chosen: readonly [number, string] | null): PaxosEvent {
  const reply: ProposerReply = {
    outcome: chosen ? "chosen" : "no-promises",
    chosen: acceptance(chosen),
    mayStillBeChosen: false,
    attempts: [],
  };
  return { kind: "reply", node, requestId: "r", reply };
}

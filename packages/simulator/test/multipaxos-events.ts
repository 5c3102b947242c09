import type { AcceptorWrite, LearnerWrite, LogMessage, NodeId, ProposerWrite } from "@synod/consensus";
import {
  encodeCommand,
  encodeCommands,
  encodeOpenSession,
  type GatewayReply,
  type GatewayRequest,
  type Json,
} from "@synod/state-machines";
import type { WorldEvent } from "../src/index.ts";
import type { MultiPaxosKinds } from "../src/multipaxos/multipaxos-kinds.ts";

export type ClusterEvent = WorldEvent<MultiPaxosKinds>;

export const NAMES = {
  acceptors: ["a1", "a2", "a3"],
  proposers: ["p1", "p2"],
  learners: ["l1", "l2"],
  clients: ["c1", "c2"],
  person: "h1",
};

export const OPEN = encodeOpenSession("c1-x");

/** The n-th command of a client whose session slot 1 opened. */
export function put(sequence: number, key: string, value: string): string {
  const operation = { type: "put", key, value, previous: true };
  return encodeCommand({ client: "c1-x", openedAt: 1, sequence, firstUnacknowledged: 2, operation });
}

/** Commands of that client that share a slot, from the n-th on. */
export function together(sequence: number, ...operations: readonly Json[]): string {
  const first = { client: "c1-x", openedAt: 1, sequence, firstUnacknowledged: 2 };
  return encodeCommands(
    first,
    operations.map((operation) => JSON.stringify(operation)),
  );
}

export function stores(
  node: NodeId,
  ...writes: readonly (AcceptorWrite | ProposerWrite | LearnerWrite)[]
): ClusterEvent {
  return { kind: "store", node, writes };
}

export function accepted(node: NodeId, instance: number, id: number, value: string): ClusterEvent {
  return stores(node, { kind: "accepted", id, instance, value, byHand: false });
}

/** These values are chosen from slot 1 on. */
export function chosen(...values: readonly string[]): ClusterEvent[] {
  return values.flatMap((value, place) => ["a1", "a2"].map((node) => accepted(node, place + 1, 17, value)));
}

export function sends(node: NodeId, to: NodeId, message: LogMessage): ClusterEvent {
  return { kind: "send", node, to, message };
}

export function hears(node: NodeId, from: NodeId, message: LogMessage): ClusterEvent {
  return { kind: "deliver", node, from, message };
}

export function applies(node: NodeId, slot: number, command: string): ClusterEvent {
  return { kind: "apply", node, slot, command };
}

export function restarts(node: NodeId): ClusterEvent {
  return { kind: "restart", node };
}

export function asks(node: NodeId, requestId: string, command: GatewayRequest): ClusterEvent {
  return { kind: "request", node, requestId, command };
}

export function write(operation: Json): GatewayRequest {
  return { kind: "write", operation, label: null, session: null, timeoutMs: 100 };
}

export function read(level: "eventual" | "session" | "strong", key = "k"): GatewayRequest {
  return { kind: "read", query: { type: "get", key }, level, label: null, token: null, timeoutMs: 100 };
}

export function replies(node: NodeId, requestId: string, reply: GatewayReply): ClusterEvent {
  return { kind: "reply", node, requestId, reply };
}

const cost = { messages: 0, sharedBy: 1 };

export function written(slot: number, result: Json): GatewayReply {
  return { kind: "written", slot, result, token: slot, cost };
}

export function answered(slot: number, answer: Json): GatewayReply {
  return { kind: "read", slot, answer, learner: "l1", token: slot, cost };
}

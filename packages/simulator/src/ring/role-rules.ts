import { memberName, type NodeId, type RingMessage, type RingPlan, roleOf, rolesOf } from "@synod/consensus";
import type { WorldEvent } from "../world/world-event.js";
import type { RingReport } from "./properties.js";
import type { RingKinds } from "./ring-kinds.js";

/** A prepare or an accept that reached an acceptor. */
interface Asked {
  readonly by: NodeId;
  readonly phase: "prepare" | "accept";
  readonly id: number;
}

interface RoleRulesState {
  /** What each acceptor, since it has begun, was asked and has not answered, oldest first. */
  readonly asked: Record<NodeId, Asked[]>;
  /** The requests of clients that are under way: which value each is about. */
  readonly wishes: Record<string, string>;
  /** Values that were put to acceptors. */
  readonly proposed: string[];
  /** Values whose clients were told that they are not chosen. */
  readonly refused: string[];
}

const ACTS = {
  prepare: "proposer",
  accept: "proposer",
  proposed: "proposer",
  promise: "acceptor",
  accepted: "acceptor",
  state: "acceptor",
  chosen: "learner",
  "read-state": "learner",
} as const;

/** Watches that nodes act in their roles, that acceptors answer, and what clients are told. */
export class RoleRules {
  readonly state: RoleRulesState;
  readonly #plan: RingPlan;

  constructor(plan: RingPlan, state?: RoleRulesState) {
    this.#plan = plan;
    this.state = state ?? { asked: {}, wishes: {}, proposed: [], refused: [] };
  }

  observe(event: WorldEvent<RingKinds>, report: RingReport): void {
    switch (event.kind) {
      case "request":
        if (typeof event.command !== "string" && event.command.kind === "set") {
          this.state.wishes[event.requestId] = event.command.value;
        }
        return;
      case "crash":
        delete this.state.asked[event.node];
        return;
      case "deliver":
        this.#heard(event.node, event.from, event.message);
        return;
      case "send":
        this.#said(event.node, event.to, event.message, report);
        return;
      case "reply":
        this.#replied(event.requestId, event.reply, report);
        return;
    }
  }

  #heard(node: NodeId, from: NodeId, { type, ...message }: RingMessage): void {
    if (type !== "prepare" && type !== "accept") return;
    const { id } = message as { readonly id: number };
    this.state.asked[node]?.push({ by: from, phase: type, id });
  }

  #said(node: NodeId, to: NodeId, message: RingMessage, report: RingReport): void {
    const { type } = message;
    // From its START on an acceptor answers.
    if (type === "started" || (type === "start" && memberName(this.#plan, message.leader) === node)) {
      if (this.#roleOf(node) === "acceptor") this.state.asked[node] ??= [];
    }
    const role = Object.hasOwn(ACTS, type) ? ACTS[type as keyof typeof ACTS] : null;
    if (role !== null && this.#roleOf(node) !== role) {
      report("one-assignment", `${node} is no ${role}, and sent ${to}: ${type}`);
    }
    if (type === "accept") this.#proposes(node, message.value, report);
    const phase = PHASE_OF[type];
    if (phase && "id" in message) this.#answered(node, { by: to, phase, id: message.id }, report);
  }

  #roleOf(node: NodeId): string {
    const uid = Number(node.slice(1));
    return memberName(this.#plan, uid) === node && node.startsWith("n") ? roleOf(rolesOf(this.#plan), uid) : "client";
  }

  #answered(node: NodeId, { by, phase, id }: Asked, report: RingReport): void {
    const asked = this.state.asked[node] ?? [];
    const place = asked.findIndex((one) => one.by === by && one.phase === phase && one.id === id);
    // Learners hear of acceptances, too, without having asked.
    if (place < 0) return;
    const [missed] = asked.splice(0, place + 1);
    if (place === 0 || missed === undefined) return;
    const instead = `answered what reached it later, and not the ${missed.phase} ${missed.id} of ${missed.by}`;
    report("requests-are-answered", `${node} ${instead}`);
  }

  #proposes(node: NodeId, value: string, report: RingReport): void {
    const { proposed, refused } = this.state;
    if (!proposed.includes(value)) proposed.push(value);
    if (refused.includes(value)) {
      report("refusals-are-definite", `${node} sent "${value}" out, whose client was told that it is not chosen`);
    }
  }

  #replied(requestId: string, reply: RingKinds["reply"], report: RingReport): void {
    const value = this.state.wishes[requestId];
    if (value === undefined || reply.kind !== "failed" || reply.why === "unknown") return;
    this.state.refused.push(value);
    if (!this.state.proposed.includes(value)) return;
    report("refusals-are-definite", `${requestId} was told ${reply.why}, and "${value}" was put to acceptors`);
  }
}

const PHASE_OF: Readonly<Record<string, Asked["phase"] | undefined>> = {
  promise: "prepare",
  "prepare-ignored": "prepare",
  accepted: "accept",
  "accept-ignored": "accept",
};

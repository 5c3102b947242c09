import {
  areSameRoles,
  memberName,
  type NodeId,
  nodeNames,
  type RingMessage,
  type RingPlan,
  rolesOf,
  type Start,
} from "@synod/consensus";
import type { WorldEvent } from "../world/world-event.js";
import type { RingReport } from "./properties.js";
import type { RingKinds } from "./ring-kinds.js";

interface ElectionRulesState {
  /** The latest election on each disk. */
  readonly stored: Record<NodeId, number>;
  /** Who announced START, by election. */
  readonly leaders: Record<number, NodeId[]>;
  /** Elections in which somebody sent past the next node. */
  readonly skipped: number[];
  /** Of each node's present life: the elections in which its own id came back, and the nodes to which it sent along the ring. */
  readonly cameRound: Record<NodeId, number[]>;
  readonly tried: Record<NodeId, NodeId[]>;
}

/** Watches elections and what leaders announce: by messages and disks alone. */
export class ElectionRules {
  readonly state: ElectionRulesState;
  readonly #plan: RingPlan;
  readonly #nodes: readonly NodeId[];

  constructor(plan: RingPlan, state?: ElectionRulesState) {
    this.#plan = plan;
    this.#nodes = nodeNames(plan);
    this.state = state ?? { stored: {}, leaders: {}, skipped: [], cameRound: {}, tried: {} };
  }

  observe(event: WorldEvent<RingKinds>, report: RingReport): void {
    switch (event.kind) {
      case "restart":
        delete this.state.cameRound[event.node];
        delete this.state.tried[event.node];
        return;
      case "store":
        for (const write of event.writes)
          if (write.kind === "election") this.#entered(event.node, write.election, report);
        return;
      case "deliver":
        this.#heard(event.node, event.message);
        return;
      case "send":
        this.#said(event.node, event.to, event.message, report);
        return;
    }
  }

  #entered(node: NodeId, election: number, report: RingReport): void {
    const before = this.state.stored[node] ?? 0;
    if (election <= before)
      report("elections-only-rise", `${node} entered election ${election} after election ${before}`);
    this.state.stored[node] = Math.max(before, election);
  }

  #heard(node: NodeId, message: RingMessage): void {
    if (message.type !== "elect" || memberName(this.#plan, message.candidate) !== node) return;
    const came = this.state.cameRound[node] ?? [];
    this.state.cameRound[node] = came.includes(message.election) ? came : [...came, message.election];
  }

  #said(node: NodeId, to: NodeId, message: RingMessage, report: RingReport): void {
    if (message.type === "elect" || message.type === "elected") {
      this.#mustHaveEntered(node, message.election, report);
      const tried = this.state.tried[node] ?? [];
      if (!tried.includes(to)) this.state.tried[node] = [...tried, to].sort();
      const place = this.#nodes.indexOf(node);
      const isSkip = to !== this.#nodes[(place + 1) % this.#nodes.length];
      if (isSkip && !this.state.skipped.includes(message.election)) this.state.skipped.push(message.election);
    }
    // Whoever has heard START tells it to clients that ask; it is the leader's own word that counts.
    if (message.type === "start" && memberName(this.#plan, message.leader) === node)
      this.#announced(node, message, report);
  }

  #mustHaveEntered(node: NodeId, election: number, report: RingReport): void {
    const stored = this.state.stored[node] ?? 0;
    if (election <= stored) return;
    report("elections-only-rise", `${node} spoke of election ${election}, and its disk says ${stored}`);
  }

  #announced(node: NodeId, { election, roles }: Start, report: RingReport): void {
    const { leaders, skipped, cameRound, tried } = this.state;
    if (!areSameRoles(roles, rolesOf(this.#plan))) {
      const named = roles.acceptors.map((uid) => memberName(this.#plan, uid)).join(", ");
      report("one-assignment", `START of election ${election}, by ${node}, has other roles: acceptors are ${named}`);
    }
    const before = leaders[election] ?? [];
    if (before.includes(node)) return;
    leaders[election] = [...before, node].sort();
    const isElected = cameRound[node]?.includes(election) ?? false;
    if (!isElected) {
      const others = this.#nodes.filter((one) => one !== node);
      const untried = others.filter((one) => !tried[node]?.includes(one));
      if (untried.length > 0) {
        const has = `its id had not come back, and ${untried.join(", ")} had not been tried`;
        report("leaders-are-elected", `${node} announced START of election ${election}; ${has}`);
      }
      skipped.push(election);
    }
    const [first] = before;
    if (first === undefined || skipped.includes(election)) return;
    report("one-leader-an-election", `${first} and ${node} both announced START of election ${election}`);
  }
}

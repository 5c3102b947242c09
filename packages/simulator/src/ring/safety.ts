import { memberName, type ProposerMessage, type RingPlan, rolesOf, SINGLE_DECREE } from "@synod/consensus";
import type { PaxosKinds } from "../paxos/paxos-kinds.js";
import { PaxosSafety } from "../paxos/safety.js";
import type { Violation, Watch } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { ElectionRules } from "./election-rules.js";
import type { RingReport } from "./properties.js";
import type { RingKinds } from "./ring-kinds.js";
import { RoleRules } from "./role-rules.js";

interface RingSafetyState {
  readonly paxos: PaxosSafety["state"];
  readonly elections: ElectionRules["state"];
  readonly roles: RoleRules["state"];
}

/** Watches a ring from outside: its elections, its roles, and the Paxos that they speak. */
export class RingSafety implements Watch<RingKinds> {
  readonly #paxos: PaxosSafety;
  readonly #elections: ElectionRules;
  readonly #roles: RoleRules;

  constructor(plan: RingPlan, state?: RingSafetyState) {
    const acceptors = rolesOf(plan).acceptors.map((uid) => memberName(plan, uid));
    this.#paxos = new PaxosSafety(acceptors, state?.paxos);
    this.#elections = new ElectionRules(plan, state?.elections);
    this.#roles = new RoleRules(plan, state?.roles);
  }

  get state(): RingSafetyState {
    return { paxos: this.#paxos.state, elections: this.#elections.state, roles: this.#roles.state };
  }

  observe(event: WorldEvent<RingKinds>, tell: (violation: Violation) => void): void {
    const report: RingReport = (property, sentence) => tell({ property, sentence });
    const ofPaxos = asOfPaxos(event);
    if (ofPaxos) this.#paxos.observe(ofPaxos, tell);
    this.#elections.observe(event, report);
    this.#roles.observe(event, report);
  }
}

const PAXOS_MESSAGES: ReadonlySet<string> = new Set([
  ...["prepare", "accept", "promise", "prepare-ignored", "accepted", "accept-ignored"],
]);

/** The event as the watch of single-decree Paxos knows it; null if it is not about that. */
function asOfPaxos(event: WorldEvent<RingKinds>): WorldEvent<PaxosKinds> | null {
  switch (event.kind) {
    case "request": {
      if (typeof event.command === "string" || event.command.kind !== "set") return null;
      return { ...event, command: { instance: SINGLE_DECREE, value: event.command.value, id: null } };
    }
    case "restart":
      return event;
    case "store":
      return { ...event, writes: event.writes.flatMap((write) => (write.kind === "election" ? [] : [write])) };
    case "send": {
      const { node, message } = event;
      // What a learner tells clients it takes for chosen.
      if (message.type === "chosen") return { kind: "apply", node, slot: SINGLE_DECREE, command: message.value };
      return PAXOS_MESSAGES.has(message.type) ? { ...event, message: message as ProposerMessage } : null;
    }
    case "apply":
      return typeof event.command === "string" ? { ...event, command: event.command } : null;
    default:
      return null;
  }
}

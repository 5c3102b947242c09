import type { NodeId, RaftMessage, RaftWrite } from "@synod/consensus";
import { SESSION_LIMITS, type SessionLimits } from "@synod/state-machines";
import { ClientRules } from "../multipaxos/client-rules.js";
import { Oracle, type ParsedValues } from "../multipaxos/oracle.js";
import type { Service } from "../multipaxos/service.js";
import { StateRules } from "../multipaxos/state-rules.js";
import type { Violation, Watch } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { ElectionRules } from "./election-rules.js";
import { LogRules } from "./log-rules.js";
import type { Report } from "./properties.js";
import type { Operation, RaftKinds } from "./raft-kinds.js";
import { RaftRecord } from "./raft-record.js";
import type { RaftNames } from "./raft-system.js";

type Event = WorldEvent<RaftKinds>;

const OPERATIONS: ReadonlySet<string> = new Set<Operation["kind"]>([
  "transfer",
  "change-members",
  "stale-append",
  "call-election",
  "timeout-now",
]);

/** Whether an operator asks for this, and no client. */
export function isOperation(command: Exclude<RaftKinds["command"], string>): command is Operation {
  return OPERATIONS.has(command.kind);
}

/** Watches a cluster from outside: by what its nodes say and what gets to their disks, never by what they think. */
export class RaftSafety implements Watch<RaftKinds> {
  readonly #record: RaftRecord;
  readonly #elections: ElectionRules;
  readonly #logs: LogRules;
  readonly #states: StateRules;
  readonly #clients: ClientRules;

  constructor(
    { voters, spares }: Pick<RaftNames, "voters" | "spares">,
    limits: Partial<SessionLimits>,
    { model }: Pick<Service, "model">,
  ) {
    const all = { ...SESSION_LIMITS, ...limits };
    this.#record = new RaftRecord([...voters, ...spares], voters);
    this.#elections = new ElectionRules(this.#record);
    this.#logs = new LogRules(this.#record, (term) => this.#elections.leaderOf(term));
    const parsed: ParsedValues = new Map();
    const newOracle = () => new Oracle(all, model(), parsed);
    this.#states = new StateRules(this.#record, newOracle);
    this.#clients = new ClientRules(this.#record, newOracle());
  }

  /** Nothing that a model check could go on from: this protocol is simulated only. */
  get state(): unknown {
    return null;
  }

  observe(event: Event, tell: (violation: Violation) => void): void {
    const report: Report = (property, sentence) => tell({ property, sentence });
    switch (event.kind) {
      case "request": {
        const { node, requestId, command } = event;
        if (typeof command !== "string" && !isOperation(command)) this.#clients.requested(node, requestId, command);
        return;
      }
      case "deliver":
        this.#heard(event.node, event.message);
        return;
      case "store":
        for (const write of event.writes) this.#stored(event.node, write, report);
        return;
      case "send":
        this.#sent(event.node, event.to, event.message, report);
        return;
      case "apply":
        this.#record.lookAgain(event.slot);
        if (typeof event.command === "string") this.#states.applied(event.node, event.slot, event.command, report);
        this.#clients.replay(report);
        return;
      case "reply":
        if ("slot" in event.reply) this.#record.lookAgain(event.reply.slot);
        this.#clients.replied(event.requestId, event.reply, report);
        return;
      case "restart":
        if (this.#record.logs.has(event.node)) this.#states.restarted(event.node);
        this.#clients.restarted(event.node);
        return;
    }
  }

  #heard(node: NodeId, message: RaftMessage): void {
    if (message.type === "change-membership") this.#record.asked(node, message);
  }

  #stored(node: NodeId, write: RaftWrite, report: Report): void {
    const log = this.#record.logs.get(node);
    if (log === undefined) return;
    this.#elections.stored(node, write);
    this.#logs.stored(node, log, write, report);
    if (write.kind !== "snapshot") return;
    const { lastIndex: through, pieces } = write.snapshot;
    this.#states.stored(node, { through, pieces }, report);
  }

  #sent(node: NodeId, to: NodeId, message: RaftMessage, report: Report): void {
    if (message.type === "submit") for (const { value } of message.requests) this.#logs.wanted(value);
    const log = this.#record.logs.get(node);
    // What an operator sends by hand tells of nothing.
    if (log) this.#elections.sent(node, to, log, message, report);
    if (log && message.type === "append-entries") {
      const { term, previousIndex, previousTerm, entries } = message;
      this.#logs.sent(node, term, previousTerm, previousIndex + 1, entries, report);
    }
    if (message.type === "operator-answer" && message.outcome !== "done" && message.outcome !== "given-up") {
      this.#record.refused(message.requestId);
    }
    this.#clients.sent(node, to, message, report);
  }
}

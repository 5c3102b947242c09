import type { AcceptorWrite, LogMessage, NodeId } from "@synod/consensus";
import { SESSION_LIMITS, type SessionLimits } from "@synod/state-machines";
import type { Violation, Watch } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { AcceptorRules } from "./acceptor-rules.js";
import { ClientRules } from "./client-rules.js";
import { LeaderRules } from "./leader-rules.js";
import { LearnerRules } from "./learner-rules.js";
import { LogRecord } from "./log-record.js";
import type { MultiPaxosKinds } from "./multipaxos-kinds.js";
import type { ClusterNames } from "./multipaxos-system.js";
import { Oracle, type ParsedValues } from "./oracle.js";
import type { Report } from "./properties.js";
import type { Service } from "./service.js";
import { StateRules } from "./state-rules.js";

type Event = WorldEvent<MultiPaxosKinds>;

/** Watches a cluster from outside: by what its nodes say and what gets to their disks, never by what they think. */
export class MultiPaxosSafety implements Watch<MultiPaxosKinds> {
  readonly #record: LogRecord;
  readonly #acceptors: AcceptorRules;
  readonly #leaders: LeaderRules;
  readonly #learners: LearnerRules;
  readonly #states: StateRules;
  readonly #clients: ClientRules;
  readonly #learnerNames: ReadonlySet<NodeId>;

  constructor(
    { acceptors, learners }: ClusterNames,
    limits: Partial<SessionLimits>,
    { model }: Pick<Service, "model">,
  ) {
    const all = { ...SESSION_LIMITS, ...limits };
    this.#record = new LogRecord(acceptors, learners);
    this.#acceptors = new AcceptorRules(this.#record);
    this.#leaders = new LeaderRules(this.#record, acceptors.length);
    const parsed: ParsedValues = new Map();
    const newOracle = () => new Oracle(all, model(), parsed);
    this.#learners = new LearnerRules(this.#record);
    this.#states = new StateRules(this.#record, newOracle);
    this.#clients = new ClientRules(this.#record, newOracle());
    this.#learnerNames = new Set(learners);
  }

  /** Nothing that a model check could go on from: this protocol is simulated only. */
  get state(): unknown {
    return null;
  }

  observe(event: Event, tell: (violation: Violation) => void): void {
    const report: Report = (property, sentence) => tell({ property, sentence });
    switch (event.kind) {
      case "request":
        this.#requested(event);
        return;
      case "deliver":
        if (this.#record.acceptors.has(event.node)) this.#acceptors.heard(event.node, event.message);
        else this.#leaders.heard(event.node, event.from, event.message);
        return;
      case "store":
        for (const write of event.writes) this.#stored(event.node, write, report);
        return;
      case "send":
        this.#sent(event.node, event.to, event.message, report);
        return;
      case "apply":
        if (typeof event.command === "string") this.#states.applied(event.node, event.slot, event.command, report);
        this.#clients.replay(report);
        return;
      case "reply":
        this.#clients.replied(event.requestId, event.reply, report);
        return;
      case "restart":
        this.#leaders.restarted(event.node);
        if (this.#learnerNames.has(event.node)) this.#states.restarted(event.node);
        this.#clients.restarted(event.node);
        return;
    }
  }

  #requested({ node, requestId, command }: Event & { kind: "request" }): void {
    if (typeof command === "string" || command.kind === "prepare-by-hand") return;
    if (command.kind === "accept-by-hand") this.#leaders.wanted(command.value);
    else this.#clients.requested(node, requestId, command);
  }

  #stored(node: NodeId, write: MultiPaxosKinds["write"], report: Report): void {
    const acceptor = this.#record.acceptors.get(node);
    if (acceptor) this.#acceptors.stored(node, acceptor, write as AcceptorWrite, report);
    else if (write.kind === "snapshot") this.#states.stored(node, write, report);
    else if (write.kind === "proposing") this.#leaders.stored(node, write);
  }

  #sent(node: NodeId, to: NodeId, message: LogMessage, report: Report): void {
    const acceptor = this.#record.acceptors.get(node);
    if (acceptor) {
      this.#acceptors.sent(node, acceptor, message, report);
      return;
    }
    this.#leaders.sent(node, message, report);
    this.#learners.sent(node, message, report);
    if (message.type === "submit") for (const { value } of message.requests) this.#leaders.wanted(value);
    this.#clients.sent(node, to, message, report);
  }
}

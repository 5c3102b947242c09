import type { AppendEntries, Index, NodeId, RaftMessage, RaftWrite, Term } from "@synod/consensus";
import { SESSION_LIMITS, type SessionLimits } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import { ClientOccurrences } from "../multipaxos/client-occurrences.js";
import { Oracle } from "../multipaxos/oracle.js";
import type { Service } from "../multipaxos/service.js";
import { Settling } from "../multipaxos/settling.js";
import type { Occurrences } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { DurableLog } from "./durable-log.js";
import type { Operation, RaftKinds } from "./raft-kinds.js";
import type { RaftNames } from "./raft-system.js";
import { isOperation } from "./safety.js";
import { type Counts, noCounts } from "./sometimes.js";

type Event = WorldEvent<RaftKinds>;
type Of<Type extends RaftMessage["type"]> = RaftMessage & { readonly type: Type };

/** What was seen of one server. */
class ServerSeen {
  readonly disk: DurableLog;
  applied: Index = 0;
  /** The term that it leads in, in this life; 0: none. */
  leads: Term = 0;
  /** The snapshot that it is being given, and its pieces. */
  offered: { readonly lastIndex: Index; readonly pieces: number } | null = null;

  constructor(voters: readonly NodeId[]) {
    this.disk = new DurableLog({ voters, nonVoters: [] });
  }
}

/** Counts what a replicated store on Raft is about: that these things happen shows that the schedules are worth something. */
export class RaftOccurrences implements Occurrences<RaftKinds> {
  readonly counts: Counts = noCounts();
  readonly longestUs: Record<string, Microseconds> = {};
  readonly #servers: ReadonlyMap<NodeId, ServerSeen>;
  readonly #operator: NodeId;
  readonly #settling: Settling;
  readonly #clients: ClientOccurrences;
  readonly #calmUs: Microseconds;
  #nowUs: Microseconds = 0;
  #leader: { readonly name: NodeId; readonly term: Term } | null = null;
  readonly #stood = new Map<Term, NodeId>();
  /** The last batch that is not answered, by leader and follower. */
  readonly #batches = new Map<string, Index>();
  readonly #asked = new Map<string, Operation>();
  /** Of the last configuration that was applied anywhere. */
  #voters: readonly NodeId[];

  constructor(
    { voters, spares, clients, operator }: RaftNames,
    limits: Partial<SessionLimits>,
    calmUs: Microseconds,
    { model }: Pick<Service, "model">,
  ) {
    this.#servers = new Map([...voters, ...spares].map((name) => [name, new ServerSeen(voters)]));
    this.#operator = operator;
    this.#calmUs = calmUs;
    this.#voters = voters;
    this.#settling = new Settling(clients, () => this.#voters, calmUs);
    const oracle = new Oracle({ ...SESSION_LIMITS, ...limits }, model());
    this.#clients = new ClientOccurrences(oracle, this.counts, this.longestUs);
  }

  get settled(): boolean {
    return this.#settling.settled;
  }

  observe(event: Event, nowUs: Microseconds): void {
    this.#nowUs = nowUs;
    this.#settling.isNow(nowUs);
    switch (event.kind) {
      case "request":
        this.#requested(event.requestId, event.command);
        return;
      case "deliver":
        this.#heard(event.node, event.from, event.message);
        return;
      case "send":
        this.#sent(event.node, event.to, event.message);
        return;
      case "store":
        for (const write of event.writes) this.#stored(event.node, write);
        return;
      case "apply":
        if (typeof event.command === "string") this.#applied(event.node, event.slot, event.command);
        return;
      case "reply":
        this.#settling.replied(event.node, event.requestId, event.reply);
        this.#clients.replied(event.requestId, event.reply, nowUs);
        return;
      case "restart":
        this.#restarted(event.node);
        return;
    }
  }

  #requested(requestId: string, command: RaftKinds["command"]): void {
    if (typeof command === "string") return;
    if (isOperation(command)) {
      this.#asked.set(requestId, command);
      return;
    }
    this.#settling.requested(requestId, command);
    this.#clients.requested(requestId, command, this.#nowUs);
  }

  #restarted(node: NodeId): void {
    const server = this.#servers.get(node);
    if (server) server.leads = 0;
  }

  // --- Messages ------------------------------------------------------------------------------------------------------

  #heard(node: NodeId, from: NodeId, message: RaftMessage): void {
    if (message.type === "install-snapshot") {
      const server = this.#servers.get(node);
      if (server) server.offered = { lastIndex: message.lastIndex, pieces: message.pieces };
    }
    if (message.type === "appended") this.#batches.delete(`${node} ${from}`);
    if (message.type === "operator-answer") this.#answered(message);
    if (node !== this.#operator) return;
    if (message.type === "vote" && !message.preVote && message.refusal === null) this.counts["votes-by-hand"]++;
    if (message.type === "appended" && message.matchIndex === null) this.counts["stale-appends-refused"]++;
    if (message.type === "timeout-now-heard" && this.#servers.get(from)?.disk.votedFor === from) {
      this.counts["stood-by-hand"]++;
    }
  }

  #sent(node: NodeId, to: NodeId, message: RaftMessage): void {
    switch (message.type) {
      case "request-vote":
        if (node !== this.#operator) this.#stands(node, message);
        return;
      case "vote":
        if (message.refusal === "hears-leader") this.counts["leaders-heard"]++;
        if (message.refusal !== null && message.preVote) this.counts["pre-votes-refused"]++;
        if (message.refusal === "log-behind" && !message.preVote) this.counts["votes-refused"]++;
        return;
      case "append-entries":
        if (node !== this.#operator) this.#leads(node, to, message);
        return;
      case "read-barrier-passed":
        this.counts["read-index-reads"]++;
        if (message.cost.sharedBy > 1) this.counts["shared-barriers"]++;
        return;
      case "read-barrier-refused":
        if (message.reason === "overloaded") this.counts["refused-as-overloaded"]++;
        return;
      case "submitted":
        for (const outcome of message.outcomes) {
          if (outcome.kind === "refused" && outcome.reason === "overloaded") this.counts["refused-as-overloaded"]++;
        }
        return;
    }
  }

  #stands(node: NodeId, { term, preVote }: Of<"request-vote">): void {
    const server = this.#servers.get(node);
    // It led, and in no later term somebody else made it follow: it gave the lead up.
    if (preVote && server && server.leads === term - 1 && server.leads > 0) {
      server.leads = 0;
      this.counts["stepped-down"]++;
    }
    if (preVote) return;
    this.#settling.stood();
    const other = this.#stood.get(term);
    if (other !== undefined && other !== node) this.counts["split-votes"]++;
    this.#stood.set(term, node);
  }

  #leads(name: NodeId, to: NodeId, { term, previousIndex, entries }: AppendEntries): void {
    const server = this.#servers.get(name);
    if (server) server.leads = term;
    const batch = `${name} ${to}`;
    if (entries.length > 0 && (this.#batches.get(batch) ?? previousIndex) < previousIndex) {
      this.counts["batches-in-flight"]++;
    }
    if (entries.length > 0) this.#batches.set(batch, previousIndex);
    if (this.#leader !== null && term <= this.#leader.term) return;
    if (this.#leader !== null && this.#leader.name !== name) this.counts["leader-changes"]++;
    this.#leader = { name, term };
  }

  #answered({ requestId, outcome }: Of<"operator-answer">): void {
    const operation = this.#asked.get(requestId);
    if (outcome === "too-early") this.counts["changes-refused-early"]++;
    if (outcome === "not-caught-up") this.counts["not-caught-up"]++;
    if (operation === undefined || outcome !== "done") return;
    this.#asked.delete(requestId);
    if (operation.kind === "transfer") this.counts["transfers-done"]++;
    if (operation.kind !== "change-members") return;
    if (this.#nowUs < this.#calmUs) this.counts["changes-under-faults"]++;
  }

  // --- Disks and states ----------------------------------------------------------------------------------------------

  #stored(node: NodeId, write: RaftWrite): void {
    const server = this.#servers.get(node);
    if (server === undefined) return;
    const { disk, offered } = server;
    switch (write.kind) {
      case "term":
        disk.term = write.term;
        disk.votedFor = write.votedFor;
        return;
      case "entries":
        if (write.from <= disk.lastIndex) this.counts["logs-truncated"]++;
        disk.truncateFrom(write.from);
        for (const entry of write.entries) disk.append(entry);
        return;
      case "snapshot": {
        const { lastIndex } = write.snapshot;
        disk.install(write.snapshot);
        if (offered?.lastIndex !== lastIndex || server.applied >= lastIndex) {
          this.counts["snapshots-taken"]++;
          return;
        }
        this.counts["snapshots-installed"]++;
        if (offered.pieces > 1) this.counts["snapshots-in-pieces"]++;
        this.#isAt(node, server, lastIndex);
        return;
      }
    }
  }

  #applied(node: NodeId, index: Index, value: string): void {
    const server = this.#servers.get(node);
    if (server === undefined) return;
    this.#isAt(node, server, index);
    const came = this.#clients.applied(index, value);
    if (came === null) return;
    const entry = server.disk.entryAt(index);
    if (entry && entry.term < server.disk.term && this.#leader?.term === server.disk.term) {
      this.counts["entries-of-earlier-terms"]++;
    }
    if (entry?.configuration) this.#changed(entry.configuration.voters);
  }

  #isAt(node: NodeId, server: ServerSeen, index: Index): void {
    server.applied = Math.max(server.applied, index);
    this.#settling.applied(node, server.applied);
  }

  /** A configuration is applied for the first time anywhere. */
  #changed(voters: readonly NodeId[]): void {
    const before = this.#voters;
    this.#voters = voters;
    if (voters.length > before.length) this.counts["members-added"]++;
    if (voters.length >= before.length) return;
    this.counts["members-removed"]++;
    if (this.#leader && !voters.includes(this.#leader.name)) this.counts["leaders-removed"]++;
  }
}

import {
  IDS_PER_ROUND,
  isMajority,
  type LogMessage,
  NO_OP,
  type NodeId,
  PERSON_INDEX,
  type ProposalId,
  type Slot,
} from "@synod/consensus";
import { SESSION_LIMITS, type SessionLimits } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import type { Occurrences } from "../world/system.js";
import { type Action, isAction, type WorldEvent } from "../world/world-event.js";
import { ClientOccurrences } from "./client-occurrences.js";
import type { MultiPaxosKinds } from "./multipaxos-kinds.js";
import type { ClusterNames } from "./multipaxos-system.js";
import { Oracle } from "./oracle.js";
import { RUMOUR_TIMER } from "./rumours.js";
import type { Service } from "./service.js";
import { Settling } from "./settling.js";
import { type Counts, noCounts } from "./sometimes.js";
import { ToldByPlace } from "./told-by-place.js";

/** Whoever stands so soon after a rumour does so because of it: an election time-out is five times as long. */
const SOON_US: Microseconds = 20_000;

type Event = WorldEvent<MultiPaxosKinds>;

/** The last batch that a leader sent out, and who accepted it. */
interface LastBatch {
  readonly id: ProposalId;
  readonly first: Slot;
  readonly acceptedBy: Set<NodeId>;
}

/** Counts what the replicated store is about: that these things happen shows that the schedules are worth something. */
export class MultiPaxosOccurrences implements Occurrences<MultiPaxosKinds> {
  readonly counts: Counts = noCounts();
  readonly longestUs: Record<string, Microseconds> = {};
  readonly #names: ClusterNames;
  readonly #settling: Settling;
  readonly #clients: ClientOccurrences;
  /** What was last done to a node: what follows from it comes next. */
  #cause: Action<MultiPaxosKinds> | null = null;
  #leader: { readonly name: NodeId; readonly id: ProposalId } | null = null;
  readonly #batches = new Map<NodeId, LastBatch>();
  /** Under which id something was first proposed in each slot. */
  readonly #proposed = new Map<Slot, ProposalId>();
  /** The snapshot that each learner is being given. */
  readonly #offered = new Map<NodeId, Slot>();
  /** How many questions each message had, by who sent it and its id. */
  readonly #queries = new Map<string, number>();
  readonly #toldByPlace: ToldByPlace;
  /** Whether a learner was just told what it asked the acceptor beside it for. */
  #isFoundBeside = false;
  /** When each proposer was last told that a rival is gone. */
  readonly #rumouredAt = new Map<NodeId, Microseconds>();
  #nowUs: Microseconds = 0;

  constructor(
    names: ClusterNames,
    limits: Partial<SessionLimits>,
    calmUs: Microseconds,
    { model }: Pick<Service, "model">,
  ) {
    this.#names = names;
    this.#toldByPlace = new ToldByPlace(names);
    this.#settling = new Settling(names.clients, () => names.learners, calmUs);
    const oracle = new Oracle({ ...SESSION_LIMITS, ...limits }, model());
    this.#clients = new ClientOccurrences(oracle, this.counts, this.longestUs);
  }

  get settled(): boolean {
    return this.#settling.settled;
  }

  observe(event: Event, nowUs: Microseconds): void {
    this.#settling.isNow(nowUs);
    this.#nowUs = nowUs;
    if (isAction(event)) this.#cause = event;
    switch (event.kind) {
      case "request":
        this.#requested(event);
        return;
      case "deliver":
        this.#heard(event.node, event.from, event.message);
        return;
      case "send":
        this.#sent(event.node, event.to, event.message);
        return;
      case "timeout":
        this.#rumoured(event);
        return;
      case "store":
        for (const write of event.writes) this.#stored(event.node, write);
        return;
      case "apply":
        if (typeof event.command === "string") this.#applied(event.slot, event.command);
        return;
      case "reply":
        this.#settling.replied(event.node, event.requestId, event.reply);
        this.#clients.replied(event.requestId, event.reply, nowUs);
        return;
    }
  }

  #requested({ requestId, command }: Event & { kind: "request" }): void {
    if (typeof command === "string") return;
    this.#settling.requested(requestId, command);
    this.#clients.requested(requestId, command, this.#nowUs);
  }

  #heard(node: NodeId, from: NodeId, message: LogMessage): void {
    this.#isFoundBeside = this.#toldByPlace.heard(node, from, message);
    switch (message.type) {
      case "accepted-log": {
        const batch = this.#batches.get(node);
        if (batch?.id === message.id && message.instances.includes(batch.first)) batch.acceptedBy.add(from);
        return;
      }
      case "prepare-log-ignored":
      case "accept-log-ignored":
        if (message.promisedId > message.id && message.promisedId % IDS_PER_ROUND === PERSON_INDEX) {
          this.counts["pre-empted-by-hand"]++;
        }
        return;
      case "snapshot-piece":
        this.#offered.set(node, message.through);
        return;
    }
  }

  #sent(node: NodeId, to: NodeId, message: LogMessage): void {
    switch (message.type) {
      case "accept-log":
        if (message.entries.length > 0) this.#proposes(node, message);
        return;
      case "heartbeat":
        this.#leads(message.leader, message.id);
        return;
      case "prepare-log":
        this.#settling.stood();
        this.#prepares();
        return;
      case "learned":
        this.#settling.applied(node, message.appliedThrough);
        return;
      case "read-barrier-passed":
        if (message.cost.sharedBy > 1) this.counts["shared-barriers"]++;
        return;
      case "read-barrier-refused":
        this.#refusedFor(message.reason);
        return;
      case "submitted":
        for (const outcome of message.outcomes) if (outcome.kind === "refused") this.#refusedFor(outcome.reason);
        return;
      case "query":
        if (message.queries.length > 1) this.counts["questions-shared"]++;
        this.#queries.set(`${node} ${message.requestId}`, message.queries.length);
        return;
      case "learn":
        this.#tells(to, message);
        return;
      case "query-answer":
        if (message.answers.length < (this.#queries.get(`${to} ${message.requestId}`) ?? 0)) {
          this.counts["answers-parted"]++;
        }
        // It was not asked for just now.
        if (this.#cause?.kind !== "deliver" || this.#cause.message.type !== "query")
          this.counts["session-reads-waited"]++;
        return;
    }
  }

  #proposes(node: NodeId, { id, entries }: LogMessage & { type: "accept-log" }): void {
    const first = entries[0]?.instance ?? 0;
    const last = this.#batches.get(node);
    if (last?.id === id && first <= last.first) return;
    const isEarly = last?.id === id && !isMajority(last.acceptedBy, this.#names.acceptors.length);
    if (isEarly) this.counts["batches-in-flight"]++;
    this.#batches.set(node, { id, first, acceptedBy: new Set() });
    for (const { instance, value } of entries) {
      const earlier = this.#proposed.get(instance);
      if (earlier === undefined) this.#proposed.set(instance, id);
      if (value === NO_OP) this.counts["gaps-filled"]++;
      else if (earlier !== undefined && earlier < id) this.counts["values-proposed-again"]++;
    }
  }

  #tells(learner: NodeId, message: LogMessage & { type: "learn" }): void {
    if (message.quiet) this.counts["quiet-learners"]++;
    const how = this.#toldByPlace.sent(learner, message);
    if (how === "by-place") this.counts["told-by-place"]++;
    if (how === "again") this.counts["told-in-full"]++;
  }

  #leads(name: NodeId, id: ProposalId): void {
    if (this.#leader !== null && id <= this.#leader.id) return;
    if (this.#leader !== null && this.#leader.name !== name) this.counts["leader-changes"]++;
    this.#leader = { name, id };
  }

  /** What a rumour leads to comes with the next timer that a proposer has not taken back. */
  #rumoured({ node, timer }: Event & { kind: "timeout" }): void {
    if (timer === RUMOUR_TIMER) {
      this.counts["rumours-heard"]++;
      this.#rumouredAt.set(node, this.#nowUs);
      return;
    }
    if (timer !== "election") return;
    const atUs = this.#rumouredAt.get(node) ?? Number.NEGATIVE_INFINITY;
    if (this.#nowUs - atUs < SOON_US) this.counts["rumours-followed"]++;
  }

  /** Phase 1 begins; counted once for each acceptor that is asked. */
  #prepares(): void {
    if (this.#cause?.kind !== "deliver") return;
    const { message } = this.#cause;
    if (message.type === "truncated") this.counts["truncated-found"]++;
    if (message.type === "learned") this.counts["logs-reopened"]++;
  }

  #refusedFor(reason: string): void {
    if (reason === "no-quorum") this.counts["refused-for-quorum"]++;
    if (reason === "overloaded") this.counts["refused-as-overloaded"]++;
  }

  #stored(node: NodeId, write: MultiPaxosKinds["write"]): void {
    if (write.kind === "truncated") this.counts.truncations++;
    if (write.kind !== "snapshot") return;
    this.counts[this.#offered.get(node) === write.through ? "snapshots-installed" : "snapshots-taken"]++;
  }

  #applied(slot: Slot, value: string): void {
    const told = this.#cause?.kind === "deliver" ? this.#cause.message.type : null;
    if (told === "sync-reply") this.counts["learned-from-peers"]++;
    if (told === "log") this.counts[this.#isFoundBeside ? "found-beside" : "learned-from-acceptors"]++;
    const came = this.#clients.applied(slot, value);
    const isByHand = came?.some(({ kind, client }) => kind === "not-a-command" && client === null);
    if (isByHand) this.counts["values-by-hand"]++;
  }
}

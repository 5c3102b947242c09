import { Outbox } from "../core/outbox.js";
import type { Input, NodeId, Participant, Ready } from "../core/participant.js";
import type { Chance } from "../core/random.js";
import { type AcceptorRequest, SINGLE_DECREE } from "../paxos/messages.js";
import type { ProposerOptions } from "../paxos/proposer.js";
import { Announcement } from "./announcement.js";
import { ELECTION_TIMER, GATHER_TIMER, HOP_TIMER } from "./election.js";
import type { ElectionState } from "./election-state.js";
import { LearnerRole, TELL_TIMER } from "./learner-role.js";
import type { ElectionMessage, RingMessage, Start } from "./messages.js";
import { RING_NODE_PARTS, type RingNodeParts } from "./node-parts.js";
import { type AcceptorPart, type ElectionPart, put, type RingWrite } from "./parts.js";
import { ProposerRole } from "./proposer-role.js";
import { clientNames, memberName, nodeNames, type RingPlan, type RingRole, type RingRoles, roleOf } from "./roles.js";
import { ATTEMPTS_FOR_A_REQUEST, type RingTiming } from "./timing.js";

export interface RingNodeOptions {
  readonly plan: RingPlan;
  /** This node: 0 up to the number of nodes. Its place on the ring, and what it stands with. */
  readonly uid: number;
  readonly timing: RingTiming;
  readonly chance: Chance;
}

/** What can be seen of a node. Plain data. */
export interface RingNodeState {
  readonly election: ElectionState;
  /** The START that this node began with, or a later one that it has heard since; null before the first. */
  readonly started: Start | null;
  /** Null until it has begun. */
  readonly role: RingRole | null;
  /** What a learner knows to be chosen. */
  readonly chosen: string | null;
  /** Clients that need the ring no more. */
  readonly clientsDone: readonly NodeId[];
  readonly announcing: unknown;
  readonly roleState: unknown;
}

const ANNOUNCE_TIMER = "announce";
const ALL_DONE_TIMER = "all-done";
const START_EXPECTED_TIMER = "start-expected";
const ELECTION_TIMERS: ReadonlySet<string> = new Set(["start", HOP_TIMER, ELECTION_TIMER, GATHER_TIMER]);

/**
 * A node that begins equal to all others: it takes part in the election of a leader, learns its role from the leader's
 * START, and then runs the toolkit's own proposer, acceptor or learner.
 *
 * The leader's only work is START. Roles follow from the plan, so that START of two leaders says the same; agreement is the
 * acceptors' affair alone.
 */
export class RingNode implements Participant<RingMessage, RingWrite, string> {
  readonly #options: RingNodeOptions;
  readonly #parts: RingNodeParts;
  readonly #disk: readonly RingWrite[];
  readonly #own: NodeId;
  readonly #outbox = new Outbox<RingMessage, RingWrite, string>();
  readonly #election: ElectionPart;
  readonly #announcement: Announcement<RingMessage>;
  readonly #allDone: Announcement<RingMessage>;
  #started: Start | null = null;
  #acceptor: AcceptorPart | null = null;
  #proposer: ProposerRole | null = null;
  #learner: LearnerRole | null = null;
  #clientsDone: readonly NodeId[] = [];
  /** What was last done about the leader: nothing is done twice. */
  #seen: Pick<ElectionState, "election" | "leader"> = { election: 0, leader: null };

  /** @param disk what earlier lives wrote, oldest first */
  constructor(options: RingNodeOptions, disk: readonly RingWrite[] = [], parts: RingNodeParts = RING_NODE_PARTS) {
    const { plan, uid, timing, chance } = options;
    this.#options = options;
    this.#parts = parts;
    this.#disk = disk;
    this.#own = memberName(plan, uid);
    const ring = nodeNames(plan).map((name, id) => ({ id, name }));
    this.#election = parts.election({ ring, own: this.#own, starts: true, timing, chance }, disk);
    this.#announcement = new Announcement(ANNOUNCE_TIMER, timing, chance);
    this.#allDone = new Announcement(ALL_DONE_TIMER, timing, chance);
  }

  get state(): RingNodeState {
    return {
      election: this.#election.state,
      started: this.#started,
      role: this.#started && roleOf(this.#started.roles, this.#options.uid),
      chosen: this.#learner?.chosen ?? null,
      clientsDone: this.#clientsDone,
      announcing: this.#announcement.state,
      roleState: this.#acceptor?.state ?? this.#proposer?.state ?? this.#learner?.state ?? null,
    };
  }

  step(input: Input<RingMessage>): Ready<RingMessage, RingWrite, string> {
    if (input.kind === "message") this.#hear(input.from, input.message);
    if (input.kind === "timeout") this.#timeout(input.timer);
    this.#followElection();
    return this.#outbox.take();
  }

  #timeout(timer: string): void {
    if (ELECTION_TIMERS.has(timer)) put(this.#outbox, this.#election.step({ kind: "timeout", timer }));
    else if (timer === ANNOUNCE_TIMER) this.#announcement.again(this.#outbox);
    else if (timer === ALL_DONE_TIMER) this.#allDone.again(this.#outbox);
    else if (timer === START_EXPECTED_TIMER) this.#startIsMissing();
    else if (timer === TELL_TIMER) this.#learner?.tellAgain(this.#outbox);
    else this.#proposer?.step({ kind: "timeout", timer }, this.#outbox);
  }

  /** The leader died before its START, or cannot be heard. */
  #startIsMissing(): void {
    if (this.#started === null) put(this.#outbox, this.#election.again());
  }

  #hear(from: NodeId, message: RingMessage): void {
    switch (message.type) {
      case "elect":
      case "elected":
      case "passed":
      case "later-election":
        this.#hearElection(from, message);
        return;
      case "start":
        this.#hearStart(from, message);
        return;
      case "started":
        if (message.election === this.#started?.election) this.#announcement.heardBy(from);
        return;
      case "done":
        if (clientNames(this.#options.plan).includes(from)) this.#hearDone(from, [from]);
        return;
      case "all-done":
        if (this.#isNode(from)) this.#hearDone(from, clientNames(this.#options.plan));
        return;
      case "done-heard":
        this.#allDone.heardBy(from);
        return;
      default:
        // Before START a node has no role, and whoever asks will ask again.
        if (this.#started) this.#hearInRole(from, message);
    }
  }

  #hearElection(from: NodeId, message: ElectionMessage): void {
    put(this.#outbox, this.#election.step({ kind: "message", from, message }));
  }

  /** A leader that was just found: oneself announces START, the others expect it. */
  #followElection(): void {
    const { election, leader } = this.#election.state;
    if (election === this.#seen.election && leader === this.#seen.leader) return;
    this.#seen = { election, leader };
    this.#announcement.end(this.#outbox);
    if (leader === this.#options.uid) this.#announce();
    // Where another election has begun, no leader's word is expected yet.
    if (this.#started === null) {
      this.#outbox.timer(START_EXPECTED_TIMER, leader === null ? null : this.#options.timing.startMs);
    }
  }

  #announce(): void {
    const { plan, uid } = this.#options;
    const { election } = this.#election.state;
    const start: Start = {
      type: "start",
      election,
      leader: uid,
      roles: this.#parts.roles(plan, this.#election.state),
    };
    const others = [...nodeNames(plan), ...clientNames(plan)].filter((name) => name !== this.#own);
    this.#announcement.begin(start, others, this.#outbox);
    this.#begin(start);
  }

  #hearStart(from: NodeId, start: Start): void {
    const { plan } = this.#options;
    // Somebody announces other roles than the plan has, or in another's name: that is no START of this ring.
    if (from !== memberName(plan, start.leader) || start.leader === this.#options.uid) return;
    if (!this.#parts.follows(start.roles, plan)) return;
    const { election } = this.#election.state;
    if (start.election < election) {
      this.#outbox.send(from, { type: "later-election", election });
      return;
    }
    put(this.#outbox, this.#election.settle(start.election, start.leader));
    // No election of this ring can be so far ahead.
    if (this.#election.state.election !== start.election) return;
    this.#begin(start);
    this.#outbox.send(from, { type: "started", election: start.election });
  }

  #begin(start: Start): void {
    const isFirst = this.#started === null;
    this.#started = start;
    if (!isFirst) return;
    this.#outbox.timer(START_EXPECTED_TIMER, null);
    const { plan, uid, timing, chance } = this.#options;
    const nameOf = (one: number) => memberName(plan, one);
    const acceptors = start.roles.acceptors.map(nameOf);
    const role = roleOf(start.roles, uid);
    if (role === "acceptor") this.#acceptor = this.#parts.acceptor(this.#disk, start.roles.learners.map(nameOf));
    if (role === "proposer") {
      const options: ProposerOptions = {
        acceptors,
        contactCount: acceptors.length,
        index: start.roles.proposers.indexOf(uid) + 1,
        attempts: ATTEMPTS_FOR_A_REQUEST,
        phaseTimeoutMs: timing.phaseTimeoutMs,
        backOffMs: timing.backOffMs,
        random: chance,
      };
      this.#proposer = new ProposerRole(this.#parts.proposer(this.#disk, options));
    }
    if (role === "learner") {
      const clients = clientNames(plan);
      this.#learner = new LearnerRole(this.#parts.learner(acceptors.length), { acceptors, clients, timing, chance });
      this.#learner.begin(this.#outbox);
    }
  }

  #hearDone(from: NodeId, done: readonly NodeId[]): void {
    const { plan } = this.#options;
    const clients = clientNames(plan);
    const before = this.#clientsDone;
    this.#clientsDone = clients.filter((name) => before.includes(name) || done.includes(name));
    this.#outbox.send(from, { type: "done-heard" });
    if (before.length === clients.length || this.#clientsDone.length < clients.length) return;
    const others = nodeNames(plan).filter((name) => name !== this.#own);
    this.#allDone.begin({ type: "all-done" }, others, this.#outbox);
  }

  /** Each role hears what is meant for it, from those who may say it. */
  #hearInRole(from: NodeId, message: RingMessage): void {
    const isAcceptor = this.#isIn("acceptors", from);
    switch (message.type) {
      case "greet":
        if (this.#started) this.#outbox.send(from, this.#started);
        return;
      case "propose":
        if (clientNames(this.#options.plan).includes(from)) this.#proposer?.ask(from, message, this.#outbox);
        return;
      case "ask-chosen":
        this.#learner?.asked(from, this.#outbox);
        return;
      case "heard":
        this.#learner?.heardBy(from);
        return;
      case "prepare":
      case "accept":
        // One value is agreed on here, and its instance is the only one that is kept.
        if (message.instance !== SINGLE_DECREE) return;
        if (this.#acceptor && this.#isIn("proposers", from)) this.#acceptorHears(from, message);
        return;
      case "read-state":
        if (this.#acceptor && this.#isIn("learners", from)) this.#acceptorHears(from, message);
        return;
      case "state":
        if (isAcceptor) this.#learner?.hear(from, message, this.#outbox);
        return;
      case "accepted":
        if (!isAcceptor) return;
        this.#learner?.hear(from, message, this.#outbox);
        this.#proposer?.step({ kind: "message", from, message }, this.#outbox);
        return;
      case "promise":
      case "prepare-ignored":
      case "accept-ignored":
      case "refused":
      case "truncated":
      case "no-response":
        if (isAcceptor) this.#proposer?.step({ kind: "message", from, message }, this.#outbox);
        return;
    }
  }

  #acceptorHears(from: NodeId, message: AcceptorRequest): void {
    if (this.#acceptor) put(this.#outbox, this.#acceptor.step({ kind: "message", from, message }));
  }

  #isNode(name: NodeId): boolean {
    return nodeNames(this.#options.plan).includes(name);
  }

  #isIn(role: keyof RingRoles, name: NodeId): boolean {
    return this.#started?.roles[role].some((uid) => memberName(this.#options.plan, uid) === name) ?? false;
  }
}

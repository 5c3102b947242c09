import { Outbox } from "../core/outbox.js";
import type { Input, NodeId, Participant, Ready } from "../core/participant.js";
import type { Chance } from "../core/random.js";
import { START_TIMER } from "../core/start-timer.js";
import { Announcement } from "./announcement.js";
import type { Proposed, RingMessage, Start } from "./messages.js";
import { areSameRoles, memberName, nodeNames, type RingPlan, rolesOf } from "./roles.js";
import { backOff, type RingTiming } from "./timing.js";

export interface RingClientOptions {
  readonly plan: RingPlan;
  readonly timing: RingTiming;
  readonly chance: Chance;
}

/** What a client's program asks of it. */
export type RingClientCommand =
  | {
      readonly kind: "set";
      readonly value: string;
      /** Which proposer to ask first: its place among the proposers, modulo their number. */
      readonly proposer: number;
      readonly timeoutMs: number;
    }
  /** Tell all nodes that this client needs them no more; at most so long. */
  | { readonly kind: "leave"; readonly timeoutMs: number };

/** How a `set` or a `leave` ended. */
export type RingClientReply =
  | { readonly kind: "chosen"; readonly value: string; readonly learner: NodeId }
  | { readonly kind: "failed"; readonly why: RingFailure; readonly missing: readonly string[] }
  | { readonly kind: "left" };

/**
 * `busy`: another `set` is under way. `nobody`: no node was heard. `not-started`: nodes were heard, but no START. In these
 * three cases the value was certainly not proposed. `no-quorum`: proposers said that no majority of the acceptors promised:
 * the value is certainly not chosen for this request. `unknown`: it may be chosen, or may still be.
 */
export type RingFailure = "busy" | "nobody" | "not-started" | "no-quorum" | "unknown";

/** A `set` under way. */
interface Wish {
  readonly requestId: string;
  readonly value: string;
  readonly proposer: number;
  /** How often it was asked. */
  readonly turn: number;
  /** Requests to proposers that have not said how they ended, by their numbers. */
  readonly open: readonly { readonly number: number; readonly proposer: NodeId }[];
  /** What proposers last said. */
  readonly said: readonly { readonly proposer: NodeId; readonly outcome: Proposed["outcome"] }[];
  readonly mayStillBeChosen: boolean;
}

export interface RingClientState {
  readonly started: Start | null;
  /** What each learner told, in the order in which it was heard. */
  readonly told: readonly { readonly learner: NodeId; readonly value: string }[];
  readonly wish: Wish | null;
  readonly leaving: unknown;
  /** Nodes that were heard. */
  readonly heard: readonly NodeId[];
}

type Step = Ready<RingMessage, never, string, RingClientReply>;

const GREET_TIMER = "greet";
const ASK_TIMER = "ask";
const DEADLINE_TIMER = "deadline";
const LEAVE_TIMER = "leave";
const LEAVE_DEADLINE_TIMER = "leave-deadline";

/**
 * A client of a ring: waits for START, asks its proposer to have its value chosen, and hears from learners which one is.
 *
 * Whatever is lost is asked for again, with back-off and jitter: START from any node, the proposal from the next proposer,
 * the value from the next learner. It always ends, with the value or with what was missing.
 */
export class RingClient implements Participant<RingMessage, never, RingClientCommand | string, RingClientReply> {
  readonly #options: RingClientOptions;
  readonly #outbox = new Outbox<RingMessage, never, string, RingClientReply>();
  readonly #leaving: Announcement<RingMessage>;
  #leaveId: string | null = null;
  #state: Omit<RingClientState, "leaving"> = { started: null, told: [], wish: null, heard: [] };
  #greets = 0;
  #requests = 0;

  constructor(options: RingClientOptions) {
    this.#options = options;
    this.#leaving = new Announcement(LEAVE_TIMER, options.timing, options.chance);
    this.#greets = options.chance.below(nodeNames(options.plan).length);
  }

  get state(): RingClientState {
    return { ...this.#state, leaving: this.#leaving.state };
  }

  step(input: Input<RingMessage, RingClientCommand | string>): Step {
    if (input.kind === "message") this.#hear(input.from, input.message);
    if (input.kind === "timeout") this.#timeout(input.timer);
    if (input.kind === "propose" && typeof input.command !== "string") this.#asked(input.requestId, input.command);
    return this.#outbox.take() as Step;
  }

  #timeout(timer: string): void {
    if (timer === START_TIMER) this.#outbox.timer(GREET_TIMER, this.#options.timing.askMs);
    if (timer === GREET_TIMER && this.#state.started === null) this.#greet();
    if (timer === ASK_TIMER && this.#state.wish) this.#askAgain(this.#state.wish);
    if (timer === DEADLINE_TIMER && this.#state.wish) this.#giveUp(this.#state.wish);
    if (timer === LEAVE_TIMER) this.#leaving.again(this.#outbox);
    if (timer === LEAVE_DEADLINE_TIMER) this.#left();
  }

  #asked(requestId: string, command: RingClientCommand): void {
    if (command.kind === "leave") {
      this.#leave(requestId, command.timeoutMs);
      return;
    }
    const { told, started } = this.#state;
    const { value, proposer, timeoutMs } = command;
    const [chosen] = told;
    if (chosen) {
      this.#outbox.reply(requestId, { kind: "chosen", ...chosen });
      return;
    }
    if (this.#state.wish) {
      this.#fail(requestId, "busy", ["another value is being proposed"]);
      return;
    }
    const wish: Wish = { requestId, value, proposer, turn: 0, open: [], said: [], mayStillBeChosen: false };
    this.#state = { ...this.#state, wish };
    this.#outbox.timer(DEADLINE_TIMER, timeoutMs);
    if (started) this.#ask(wish, started);
  }

  /** START may have been missed, or this client started late: any node that has begun can tell. */
  #greet(): void {
    const nodes = nodeNames(this.#options.plan);
    const { timing, chance } = this.#options;
    const to = nodes[this.#greets % nodes.length];
    if (to !== undefined) this.#outbox.send(to, { type: "greet" });
    this.#outbox.timer(
      GREET_TIMER,
      backOff(timing.askMs, Math.floor(this.#greets / nodes.length), timing.longestMs, chance),
    );
    this.#greets++;
  }

  #ask(wish: Wish, { roles }: Start): void {
    const { plan, timing, chance } = this.#options;
    const { turn, open } = wish;
    const number = ++this.#requests;
    const proposer = memberName(plan, roles.proposers[(wish.proposer + turn) % roles.proposers.length] ?? 0);
    this.#state = { ...this.#state, wish: { ...wish, open: [...open, { number, proposer }] } };
    this.#outbox.send(proposer, { type: "propose", number, value: wish.value });
    if (turn > 0) this.#askLearner(roles, turn);
    this.#outbox.timer(ASK_TIMER, backOff(timing.askMs, turn, timing.longestMs, chance));
  }

  #askLearner({ learners }: Start["roles"], turn: number): void {
    const uid = learners[turn % learners.length];
    if (uid !== undefined) this.#outbox.send(memberName(this.#options.plan, uid), { type: "ask-chosen" });
  }

  #askAgain(wish: Wish): void {
    if (this.#state.started) this.#ask({ ...wish, turn: wish.turn + 1 }, this.#state.started);
  }

  #hear(from: NodeId, message: RingMessage): void {
    if (!nodeNames(this.#options.plan).includes(from)) return;
    const { heard } = this.#state;
    if (!heard.includes(from)) this.#state = { ...this.#state, heard: [...heard, from] };
    switch (message.type) {
      case "start":
        this.#hearStart(from, message);
        return;
      case "proposed":
        this.#hearProposed(from, message);
        return;
      case "chosen":
        this.#hearChosen(from, message.value);
        return;
      case "done-heard":
        this.#leaving.heardBy(from);
        if (this.#leaving.state?.to.length === 0) this.#left();
        return;
    }
  }

  #hearStart(from: NodeId, start: Start): void {
    const { started, wish } = this.#state;
    if (!areSameRoles(start.roles, rolesOf(this.#options.plan))) return;
    // The leader itself waits for the word that START was heard; others tell of it when they are asked.
    if (from === memberName(this.#options.plan, start.leader)) {
      this.#outbox.send(from, { type: "started", election: start.election });
    }
    if (started && start.election <= started.election) return;
    this.#state = { ...this.#state, started: start };
    if (started) return;
    this.#outbox.timer(GREET_TIMER, null);
    if (wish) this.#ask(wish, start);
  }

  #hearProposed(from: NodeId, { number, outcome, mayStillBeChosen }: Proposed): void {
    const { wish, started } = this.#state;
    if (!wish?.open.some((one) => one.number === number && one.proposer === from)) return;
    const said = wish.said.filter(({ proposer }) => proposer !== from);
    const after: Wish = {
      ...wish,
      open: wish.open.filter((one) => one.number !== number),
      said: [...said, { proposer: from, outcome }],
      mayStillBeChosen: wish.mayStillBeChosen || mayStillBeChosen,
    };
    this.#state = { ...this.#state, wish: after };
    // Something is chosen, and the learners may have missed it.
    if (isKnown(outcome) && started) this.#askLearner(started.roles, wish.turn);
  }

  #hearChosen(learner: NodeId, value: string): void {
    this.#outbox.send(learner, { type: "heard" });
    const { wish, told } = this.#state;
    if (!told.some((one) => one.learner === learner)) {
      this.#state = { ...this.#state, told: [...told, { learner, value }] };
      this.#outbox.decide(this.#state.told.length, value);
    }
    if (wish === null) return;
    this.#state = { ...this.#state, wish: null };
    this.#stopAsking();
    this.#outbox.reply(wish.requestId, { kind: "chosen", value, learner });
  }

  #giveUp(wish: Wish): void {
    this.#state = { ...this.#state, wish: null };
    this.#stopAsking();
    const { why, missing } = this.#whyNot(wish);
    this.#fail(wish.requestId, why, missing);
  }

  #whyNot({ open, said, mayStillBeChosen }: Wish): { readonly why: RingFailure; readonly missing: readonly string[] } {
    const { heard, started } = this.#state;
    if (heard.length === 0) return { why: "nobody", missing: ["no node was heard"] };
    if (started === null) return { why: "not-started", missing: ["no START was heard: the nodes have no leader yet"] };
    const missing = [
      ...said.map(({ proposer, outcome }) => `${proposer} says ${outcome}`),
      ...[...new Set(open.map(({ proposer }) => proposer))].map((proposer) => `${proposer} has not said how it ended`),
      "no learner has told of a value",
    ];
    const isDefinite = open.length === 0 && !mayStillBeChosen && !said.some(({ outcome }) => isKnown(outcome));
    return { why: isDefinite ? "no-quorum" : "unknown", missing };
  }

  #stopAsking(): void {
    this.#outbox.timer(ASK_TIMER, null);
    this.#outbox.timer(DEADLINE_TIMER, null);
  }

  #fail(requestId: string, why: RingFailure, missing: readonly string[]): void {
    this.#outbox.reply(requestId, { kind: "failed", why, missing });
  }

  #leave(requestId: string, timeoutMs: number): void {
    // Who goes waits for nothing any more.
    if (this.#state.wish) this.#giveUp(this.#state.wish);
    this.#leaveId = requestId;
    this.#outbox.timer(LEAVE_DEADLINE_TIMER, timeoutMs);
    this.#leaving.begin({ type: "done" }, nodeNames(this.#options.plan), this.#outbox);
  }

  #left(): void {
    if (this.#leaveId === null) return;
    this.#outbox.reply(this.#leaveId, { kind: "left" });
    this.#leaveId = null;
    this.#outbox.timer(LEAVE_DEADLINE_TIMER, null);
    this.#leaving.end(this.#outbox);
  }
}

/** Whether the proposer knows a value to be chosen. */
function isKnown(outcome: Proposed["outcome"]): boolean {
  return outcome === "chosen" || outcome === "already-chosen";
}

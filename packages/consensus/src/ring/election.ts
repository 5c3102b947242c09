import { invariant } from "../core/invariant.js";
import { Outbox } from "../core/outbox.js";
import type { Input, NodeId, Participant, Ready } from "../core/participant.js";
import { START_TIMER } from "../core/start-timer.js";
import type { ElectionOptions, ElectionState, ElectionWrite } from "./election-state.js";
import type { Elect, Elected, ElectionMessage, ElectionNumber, Passed, RingId } from "./messages.js";

type Step = Ready<ElectionMessage, ElectionWrite>;

/** How many elections others may be ahead: one message must not use up the numbers of all. */
const MOST_AHEAD = 2 ** 20;

export const HOP_TIMER = "hop";
export const ELECTION_TIMER = "election";
export const GATHER_TIMER = "gather";

/**
 * Elects the member with the highest id of those that live, on a ring in one direction (Chang and Roberts, "An improved
 * algorithm for decentralized extrema-finding in circular configurations of processes", CACM 22(5), 1979): an id travels
 * until it meets a higher one, and the only one that comes back to its owner is the highest.
 *
 * Beyond the paper, where nothing fails: a message is sent again until the next node has taken it, and a node that takes
 * nothing is skipped; and elections are numbered, so that one that came to nothing can be held again. While nodes die or
 * are skipped by mistake there may be two leaders. Nothing but convenience may rest on there being one.
 */
export class RingElection implements Participant<ElectionMessage, ElectionWrite> {
  readonly #options: ElectionOptions;
  readonly #id: RingId;
  /** The other members, in the order in which messages come to them from here. */
  readonly #others: readonly NodeId[];
  readonly #outbox = new Outbox<ElectionMessage, ElectionWrite>();
  #state: ElectionState;

  /** @param election the last one that an earlier life took part in; 0 if none */
  constructor(options: ElectionOptions, election: ElectionNumber = 0) {
    const { ring, own } = options;
    invariant(new Set(ring.map(({ id }) => id)).size === ring.length, "an id is on the ring once");
    const place = ring.findIndex(({ name }) => name === own);
    const member = ring[place];
    invariant(member !== undefined, "a node is on its own ring");
    this.#options = options;
    this.#id = member.id;
    this.#others = [...ring.slice(place + 1), ...ring.slice(0, place)].map(({ name }) => name);
    this.#state = {
      election,
      highest: null,
      leader: null,
      passing: null,
      heard: [],
      skipped: [],
      hasGathered: false,
      inVain: 0,
      sent: { elect: 0, elected: 0 },
    };
  }

  get state(): ElectionState {
    return this.#state;
  }

  step(input: Input<ElectionMessage>): Step {
    if (input.kind === "timeout") this.#timeout(input.timer);
    if (input.kind === "message" && this.#isMember(input.from)) this.#hear(input.from, input.message);
    return this.#outbox.take();
  }

  /** Holds the next election: nobody leads as one should. */
  again(): Step {
    this.#begin(this.#state.election + 1);
    return this.#outbox.take();
  }

  /** Somebody says who leads since a later election, or the one under way. */
  settle(election: ElectionNumber, leader: RingId): Step {
    const { election: own } = this.#state;
    if (election > own && election <= own + MOST_AHEAD) this.#enter(election);
    if (election === this.#state.election) this.#knowLeader(leader);
    return this.#outbox.take();
  }

  #isMember(name: NodeId): boolean {
    return this.#others.includes(name);
  }

  #timeout(timer: string): void {
    if (timer === START_TIMER) this.#start();
    if (timer === GATHER_TIMER) this.#state = { ...this.#state, hasGathered: true };
    if (timer === HOP_TIMER) this.#notTaken();
    if (timer === ELECTION_TIMER && this.#state.leader === null) this.#inVain();
  }

  #start(): void {
    this.#outbox.timer(GATHER_TIMER, this.#options.timing.gatherMs);
    if (this.#options.starts) this.#begin(this.#state.election + 1);
    else this.#awaitLeader();
  }

  #begin(election: ElectionNumber): void {
    this.#enter(election);
    this.#stand();
  }

  /** From here on everything of earlier elections is over. */
  #enter(election: ElectionNumber): void {
    invariant(election > this.#state.election, "a node enters later elections only, also after a restart");
    this.#outbox.write({ kind: "election", election });
    this.#state = { ...this.#state, election, highest: null, leader: null, passing: null };
    this.#outbox.timer(HOP_TIMER, null);
    this.#awaitLeader();
  }

  #awaitLeader(): void {
    const { timing, chance } = this.#options;
    const longest = timing.electionMs * 2 ** Math.min(this.#state.inVain, 4);
    this.#outbox.timer(ELECTION_TIMER, longest + chance.below(longest));
  }

  #inVain(): void {
    const { passing, heard, hasGathered } = this.#state;
    // Held up by a node that may not have started yet: another election would be, too.
    if (passing && !hasGathered && !heard.includes(passing.to)) {
      this.#awaitLeader();
      return;
    }
    this.#state = { ...this.#state, inVain: this.#state.inVain + 1 };
    this.#begin(this.#state.election + 1);
  }

  #stand(): void {
    const { election } = this.#state;
    this.#state = { ...this.#state, highest: this.#id };
    this.#pass({ type: "elect", election, candidate: this.#id });
  }

  /** Nobody stands who is not on the ring, and nobody is so far ahead: such a message is not of this ring. */
  #isOfRing(message: ElectionMessage): boolean {
    if (message.election > this.#state.election + MOST_AHEAD) return false;
    return message.type === "later-election" || this.#options.ring.some(({ id }) => id === idIn(message));
  }

  #hear(from: NodeId, message: ElectionMessage): void {
    if (!this.#isOfRing(message)) return;
    const { heard, skipped } = this.#state;
    if (!heard.includes(from)) this.#state = { ...this.#state, heard: [...heard, from] };
    if (skipped.includes(from)) this.#state = { ...this.#state, skipped: skipped.filter((name) => name !== from) };
    switch (message.type) {
      case "elect":
        if (this.#takes(from, message, message.candidate)) this.#candidate(message.candidate);
        return;
      case "elected":
        if (this.#takes(from, message, message.leader)) this.#elected(message);
        return;
      case "passed":
        this.#passed(from, message);
        return;
      case "later-election":
        this.#behind(message.election);
        return;
    }
  }

  /** Takes over what comes along the ring, unless its election is over. */
  #takes(from: NodeId, { type, election }: Elect | Elected, id: RingId): boolean {
    if (election < this.#state.election) {
      this.#outbox.send(from, { type: "later-election", election: this.#state.election });
      return false;
    }
    if (election > this.#state.election) this.#enter(election);
    this.#outbox.send(from, { type: "passed", of: type, election, id });
    return true;
  }

  /** The rule of the algorithm. What is not above the highest seen here is no news, or has lost. */
  #candidate(candidate: RingId): void {
    const { highest, leader, election } = this.#state;
    if (candidate === this.#id) {
      if (highest === this.#id && leader === null) this.#win();
      return;
    }
    if (candidate < this.#id) {
      // Woken by it: from here on one's own id travels in its place.
      if (highest === null) this.#stand();
      return;
    }
    if (highest !== null && candidate <= highest) return;
    // Who stands has lived a moment ago: its id must get back to it, and would not if it were still skipped here.
    const owner = this.#options.ring.find(({ id }) => id === candidate)?.name;
    const skipped = this.#state.skipped.filter((name) => name !== owner);
    this.#state = { ...this.#state, highest: candidate, skipped };
    this.#pass({ type: "elect", election, candidate });
  }

  #win(): void {
    const { election } = this.#state;
    this.#knowLeader(this.#id);
    this.#pass({ type: "elected", election, leader: this.#id });
  }

  #elected(message: Elected): void {
    const { leader } = this.#state;
    if (message.leader === this.#id || (leader !== null && leader >= message.leader)) return;
    this.#knowLeader(message.leader);
    this.#pass(message);
  }

  #knowLeader(leader: RingId): void {
    this.#state = { ...this.#state, leader, inVain: 0 };
    this.#outbox.timer(ELECTION_TIMER, null);
  }

  /**
   * Who led in an earlier election does not lead in this one, oneself included. Whoever has a leader's word already need not
   * disturb the others; should this election come to nothing, a timer sees to the next.
   */
  #behind(election: ElectionNumber): void {
    if (election <= this.#state.election) return;
    if (this.#state.leader === null) this.#begin(election + 1);
    else this.#enter(election);
  }

  #pass(message: Elect | Elected): void {
    const to = this.#next();
    this.#state = { ...this.#state, passing: null };
    if (to === this.#options.own) {
      // Nobody else lives: it has come round already.
      if (message.type === "elect") this.#candidate(message.candidate);
      return;
    }
    const { sent } = this.#state;
    this.#state = {
      ...this.#state,
      passing: { message, to, sent: 1 },
      sent: { ...sent, [message.type]: sent[message.type] + 1 },
    };
    this.#outbox.send(to, message);
    this.#outbox.timer(HOP_TIMER, this.#options.timing.resendMs);
  }

  /** The next member that is not skipped; oneself if there is none. */
  #next(): NodeId {
    return this.#others.find((name) => !this.#state.skipped.includes(name)) ?? this.#options.own;
  }

  #passed(from: NodeId, { of, election, id }: Passed): void {
    const { passing } = this.#state;
    if (passing === null || passing.to !== from || passing.message.type !== of) return;
    if (passing.message.election !== election || idIn(passing.message) !== id) return;
    this.#state = { ...this.#state, passing: null };
    this.#outbox.timer(HOP_TIMER, null);
  }

  #notTaken(): void {
    const { passing, heard, hasGathered, skipped } = this.#state;
    if (passing === null) return;
    const { message, to, sent } = passing;
    const { resendMs, patienceMs } = this.#options.timing;
    const isKnown = heard.includes(to) || hasGathered;
    if (!isKnown || sent * resendMs < patienceMs) {
      this.#state = { ...this.#state, passing: { ...passing, sent: sent + 1 } };
      this.#outbox.send(to, message);
      this.#outbox.timer(HOP_TIMER, resendMs);
      return;
    }
    this.#state = { ...this.#state, skipped: [...skipped, to] };
    const isAboutTo = this.#options.ring.some(({ name, id }) => name === to && id === idIn(message));
    // The candidate itself is gone: its id would never come back to it. Or the leader is, and all others know it.
    if (isAboutTo && message.type === "elect") this.#begin(this.#state.election + 1);
    else if (isAboutTo) this.#state = { ...this.#state, passing: null };
    else this.#pass(message);
  }
}

function idIn(message: Elect | Elected | Passed): RingId {
  if (message.type === "passed") return message.id;
  return message.type === "elect" ? message.candidate : message.leader;
}

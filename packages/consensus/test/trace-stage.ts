import { Driver, type Flush } from "../src/core/driver.js";
import type { NodeId } from "../src/core/participant.js";
import { Random } from "../src/core/random.js";
import { Acceptor } from "../src/paxos/acceptor.js";
import type { AcceptorWrite } from "../src/paxos/acceptor-state.js";
import { explain } from "../src/paxos/explanation.js";
import type { Accept, AcceptorReply, AcceptorRequest, Prepare, ProposerMessage } from "../src/paxos/messages.js";
import { Proposer } from "../src/paxos/proposer.js";
import {
  applyProposerWrite,
  freshProposerState,
  type ProposeCommand,
  type ProposerReply,
  type ProposerWrite,
} from "../src/paxos/proposer-state.js";
import { acceptanceInWords, messageInWords, writeInWords } from "../src/paxos/words.js";
import { folded } from "./recorded-acceptor.js";
import { explanationInWords, replyInWords } from "./trace-words.js";

type AcceptorDriver = Driver<AcceptorRequest | AcceptorReply, AcceptorWrite>;
type ProposerDriver = Driver<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply>;

interface Server {
  acceptor: Acceptor;
  driver: AcceptorDriver;
  readonly journal: AcceptorWrite[];
  condition: "up" | "down" | "silent";
}

/** The disk's side of a driver. */
interface Writer<W> {
  takeWrites(): Flush<W> | null;
  durable(upTo: number): void;
}

interface Letter {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: ProposerMessage;
}

/** What a `propose` or `start` command may name. */
export interface Proposal {
  readonly proposer: string;
  readonly id: number | null;
  readonly value: string;
  readonly contact: number;
  readonly seed: number;
  readonly attempts: number;
  readonly index: number;
  readonly unsafe: boolean;
}

const PHASE_TIMEOUT_MS = 1000;
const BACK_OFF_MS = 100;

/**
 * A deterministic host in memory that tells in words what happens: messages arrive in the order in which they were
 * sent, every disk writes at once, and the clock moves only when nothing else is left to do.
 */
export class TraceStage {
  /** What happened since this was last emptied. */
  readonly transcript: string[] = [];
  readonly #servers = new Map<NodeId, Server>();
  readonly #proposers = new Map<NodeId, ProposerDriver>();
  readonly #proposerJournals = new Map<NodeId, ProposerWrite[]>();
  readonly #letters: Letter[] = [];
  readonly #timers = new Map<string, { proposer: NodeId; timer: string; at: number }>();
  #now = 0;

  pool(size: number): void {
    for (let i = 1; i <= size; i++) {
      const server = this.#boot(`${i}`, []);
      this.#servers.set(`${i}`, server);
    }
  }

  setCondition(name: NodeId, condition: Server["condition"]): void {
    this.#server(name).condition = condition;
  }

  /** The server loses its memory and reads its journal. */
  restart(name: NodeId): void {
    const { journal } = this.#server(name);
    this.#servers.set(name, this.#boot(name, journal));
    this.#say(`${name} restarts, and reads back: ${journal.map(writeInWords).join("; ") || "nothing"}`);
  }

  /** A person asks one acceptor, and waits for the answer. */
  byHand(name: NodeId, request: Prepare | Accept): void {
    this.#ask({ from: "you", to: name, message: request });
  }

  start(proposal: Proposal): void {
    const { proposer: name, contact, seed, attempts, index, unsafe, id, value } = proposal;
    const journal = this.#proposerJournals.get(name) ?? [];
    this.#proposerJournals.set(name, journal);
    const participant = new Proposer(
      {
        acceptors: [...this.#servers.keys()],
        contactCount: contact,
        index,
        attempts,
        phaseTimeoutMs: PHASE_TIMEOUT_MS,
        backOffMs: BACK_OFF_MS,
        random: Random.fromSeed(seed),
        ...(unsafe ? { unsafeMinority: true } : {}),
      },
      journal.reduce(applyProposerWrite, freshProposerState()),
    );
    const driver: ProposerDriver = new Driver<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply>(
      participant,
      {
        send: (to, message) => this.#letters.push({ from: name, to, message }),
        reply: (_, reply) => this.#say(...replyInWords(name, reply)),
        setTimer: (timer, afterMs) => this.#setTimer(name, timer, afterMs),
        apply: () => {},
      },
    );
    this.#proposers.set(name, driver);
    driver.step({ kind: "propose", requestId: name, command: { instance: 1, value, id } });
    this.#flush(name, driver, journal);
  }

  /** Delivers this many messages from or to this proposer. */
  deliver(count: number, name: NodeId): void {
    for (let delivered = 0; delivered < count; delivered++) {
      const position = this.#letters.findIndex(({ from, to }) => from === name || to === name);
      const [letter] = position < 0 ? [] : this.#letters.splice(position, 1);
      if (!letter) throw new Error(`no message of ${name} is under way`);
      this.#deliver(letter);
    }
  }

  /** Delivers all there is, and all that follows, timers included. */
  run(): void {
    do {
      for (let letter = this.#letters.shift(); letter; letter = this.#letters.shift()) this.#deliver(letter);
    } while (this.#nextTimer());
  }

  /** The proposer's wait is over before anything else happens. */
  wake(name: NodeId): void {
    if (!this.#nextTimer(`${name} back-off`)) throw new Error(`${name} is not waiting`);
  }

  state(): void {
    for (const [name, { acceptor }] of this.#servers) {
      const { promisedId, entries } = acceptor.state;
      const promised = promisedId < 0 ? "has promised nothing" : `has promised ${promisedId}`;
      this.#say(`${name} ${promised}, ${acceptanceInWords(entries[0])}`);
    }
  }

  explain(): void {
    const seen = [...this.#servers].filter(([, { condition }]) => condition === "up");
    const observations = seen.map(([name, { acceptor }]) => {
      const { promisedId, entries } = acceptor.state;
      const { history, missingThroughId } = entries[0] ?? { history: [], missingThroughId: -1 };
      return { acceptor: name, promisedId, accepted: entries[0] ?? null, history, missingThroughId };
    });
    this.#say(...explanationInWords(explain([...this.#servers.keys()], 1, observations)));
  }

  #say(...lines: string[]): void {
    this.transcript.push(...lines);
  }

  #server(name: NodeId): Server {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`no acceptor ${name}`);
    return server;
  }

  #boot(name: NodeId, journal: AcceptorWrite[]): Server {
    const acceptor = new Acceptor(folded(journal));
    const driver: AcceptorDriver = new Driver<AcceptorRequest | AcceptorReply, AcceptorWrite>(acceptor, {
      send: (to, message) => this.#fromAcceptor(name, to, message as ProposerMessage),
      reply: () => {},
      setTimer: () => {},
      apply: () => {},
    });
    return { acceptor, driver, journal, condition: "up" };
  }

  #flush<W extends AcceptorWrite | ProposerWrite>(name: NodeId, driver: Writer<W>, journal: W[]): void {
    const flush = driver.takeWrites();
    if (!flush) return;
    for (const write of flush.writes) this.#say(`${name} writes: ${writeInWords(write)}`);
    journal.push(...flush.writes);
    driver.durable(flush.upTo);
  }

  #deliver(letter: Letter): void {
    const driver = this.#proposers.get(letter.to);
    if (!driver) {
      this.#ask(letter);
      return;
    }
    this.#say(`${letter.from} -> ${letter.to}: ${messageInWords(letter.message)}`);
    driver.step({ kind: "message", from: letter.from, message: letter.message });
    this.#flush(letter.to, driver, this.#proposerJournals.get(letter.to) ?? []);
  }

  #ask({ from, to, message }: Letter): void {
    if (message.type !== "prepare" && message.type !== "accept")
      throw new Error(`an acceptor was sent ${message.type}`);
    const { driver, journal, condition } = this.#server(to);
    const notes = { up: "", down: " (refused: the server is down)", silent: " (lost)" };
    this.#say(`${from} -> ${to}: ${messageInWords(message)}${notes[condition]}`);
    const { type: request, id, instance } = message;
    if (condition === "down") this.#fromAcceptor(to, from, { type: "no-response", request, id, instance });
    if (condition !== "up") return;
    driver.step({ kind: "message", from, message });
    this.#flush(to, driver, journal);
  }

  /** A person has the answer at once; a proposer's is a message like others. */
  #fromAcceptor(from: NodeId, to: NodeId, message: ProposerMessage): void {
    if (this.#proposers.has(to)) this.#letters.push({ from, to, message });
    else this.#say(`${from} -> ${to}: ${messageInWords(message)}`);
  }

  #setTimer(proposer: NodeId, timer: string, afterMs: number | null): void {
    const key = `${proposer} ${timer}`;
    this.#timers.delete(key);
    if (afterMs === null) return;
    this.#timers.set(key, { proposer, timer, at: this.#now + afterMs });
    if (timer === "phase") this.#say(`${proposer} waits for answers, ${afterMs} ms at most`);
    else this.#say(`${proposer} tries again in ${afterMs} ms`);
  }

  /** Moves the clock to the timer that is due first, or to the one wanted. */
  #nextTimer(wanted?: string): boolean {
    const timers = [...this.#timers].filter(([key]) => wanted === undefined || key === wanted);
    const [first] = timers.sort(([, one], [, other]) => one.at - other.at);
    if (!first) return false;
    const [key, { proposer, timer, at }] = first;
    this.#timers.delete(key);
    this.#say(timer === "phase" ? `${proposer} has waited long enough` : `(${at - this.#now} ms later)`);
    this.#now = at;
    const driver = this.#proposers.get(proposer);
    driver?.step({ kind: "timeout", timer });
    if (driver) this.#flush(proposer, driver, this.#proposerJournals.get(proposer) ?? []);
    return true;
  }
}

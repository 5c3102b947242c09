import { Driver } from "../src/core/driver.js";
import type { NodeId, Participant } from "../src/core/participant.js";
import { Random } from "../src/core/random.js";
import { Acceptor } from "../src/paxos/acceptor.js";
import type { AcceptorWrite } from "../src/paxos/acceptor-state.js";
import type { AcceptorReply, AcceptorRequest, ProposerMessage } from "../src/paxos/messages.js";
import { Proposer } from "../src/paxos/proposer.js";
import {
  applyProposerWrite,
  freshProposerState,
  type ProposeCommand,
  type ProposerReply,
  type ProposerWrite,
} from "../src/paxos/proposer-state.js";
import { folded } from "./recorded-acceptor.js";

type Message = AcceptorRequest | AcceptorReply | ProposerMessage;

export interface WorldOptions {
  readonly acceptors: number;
  readonly contact: number;
  readonly unsafeMinority: boolean;
}

/** A node of either kind, its disk, and what of it a crash takes away. */
interface Node {
  message(from: NodeId, message: Message): void;
  timeout(timer: string): void;
  propose(value: string): void;
  beginFlush(): void;
  endFlush(): void;
  /** Loses what is not on disk; of a flush under way any beginning may have got there. */
  crash(): void;
  readonly timers: Set<string>;
}

/**
 * Three proposers and a few acceptors in a world where everything that may happen happens at random: messages are lost,
 * repeated and overtaken, disks are slow, timers go off at any time, nodes crash and come back with what was durable.
 */
export class RandomWorld {
  /** What proposers reported, in the order in which they did. */
  readonly reports: ProposerReply[] = [];
  /** Values that a majority of acceptors accepted under one id, durably, at whatever time. */
  readonly chosenValues = new Set<string>();
  readonly #random: Random;
  readonly #options: WorldOptions;
  readonly #nodes = new Map<NodeId, Node>();
  readonly #proposers: NodeId[] = ["A", "B", "C"];
  readonly #network: { from: NodeId; to: NodeId; message: Message }[] = [];
  readonly #acceptances = new Map<number, { value: string; acceptors: Set<NodeId> }>();
  #proposals = 0;

  constructor(seed: number, options: WorldOptions) {
    this.#random = Random.fromSeed(seed);
    this.#options = options;
    const acceptors = Array.from({ length: options.acceptors }, (_, index) => `${index + 1}`);
    for (const name of acceptors) this.#nodes.set(name, this.#acceptor(name));
    this.#proposers.forEach((name, index) => {
      this.#nodes.set(name, this.#proposer(name, index + 1, acceptors));
    });
  }

  /** How many acceptors have accepted something under this id. */
  acceptedUnder(id: number): number {
    return this.#acceptances.get(id)?.acceptors.size ?? 0;
  }

  run(steps: number): this {
    for (let step = 0; step < steps; step++) this.#something();
    return this;
  }

  #something(): void {
    const dice = this.#random.below(1000);
    if (dice < 500) this.#deliver();
    else if (dice < 965) this.#disk();
    else if (dice < 980) this.#timer();
    else if (dice < 985) this.#pick([...this.#nodes.values()])?.crash();
    else this.#nodes.get(this.#pick(this.#proposers) ?? "")?.propose(`value ${this.#proposals++}`);
  }

  #deliver(): void {
    if (this.#network.length === 0) return;
    const position = this.#random.below(this.#network.length);
    const fate = this.#random.below(20);
    const stays = fate < 3;
    const [letter] = stays ? this.#network.slice(position, position + 1) : this.#network.splice(position, 1);
    const lost = fate === 19;
    if (letter && !lost) this.#nodes.get(letter.to)?.message(letter.from, letter.message);
  }

  #disk(): void {
    const node = this.#pick([...this.#nodes.values()]);
    if (this.#random.below(2) === 0) node?.beginFlush();
    else node?.endFlush();
  }

  #timer(): void {
    const node = this.#nodes.get(this.#pick(this.#proposers) ?? "");
    const timer = this.#pick([...(node?.timers ?? [])]);
    if (node && timer !== undefined) {
      node.timers.delete(timer);
      node.timeout(timer);
    }
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.#random.below(items.length)];
  }

  #acceptor(name: NodeId): Node {
    return this.#node<AcceptorRequest | AcceptorReply, AcceptorWrite>(
      name,
      (journal) => new Acceptor(folded(journal)),
      (write) => {
        if (write.kind === "accepted") this.#record(name, write.id, write.value);
      },
    );
  }

  #proposer(name: NodeId, index: number, acceptors: readonly NodeId[]): Node {
    const { contact, unsafeMinority } = this.#options;
    const options = {
      acceptors,
      contactCount: contact,
      index,
      attempts: 4,
      phaseTimeoutMs: 10,
      backOffMs: 10,
      random: this.#random,
      unsafeMinority,
    };
    return this.#node<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply>(
      name,
      (journal) => new Proposer(options, journal.reduce(applyProposerWrite, freshProposerState())),
      () => {},
    );
  }

  #record(acceptor: NodeId, id: number, value: string): void {
    const seen = this.#acceptances.get(id) ?? { value, acceptors: new Set() };
    if (seen.value !== value) throw new Error(`two values under ${id}`);
    this.#acceptances.set(id, seen);
    seen.acceptors.add(acceptor);
    if (seen.acceptors.size * 2 > this.#options.acceptors) this.chosenValues.add(value);
  }

  #node<M extends Message, W, C = never, R = never>(
    name: NodeId,
    boot: (journal: readonly W[]) => Participant<M, W, C, R>,
    onDurable: (write: W) => void,
  ): Node {
    const journal: W[] = [];
    const timers = new Set<string>();
    const start = () =>
      new Driver<M, W, C, R>(boot(journal), {
        send: (to, message) => this.#network.push({ from: name, to, message }),
        reply: (_, reply) => this.reports.push(reply as ProposerReply),
        setTimer: (timer, afterMs) => void (afterMs === null ? timers.delete(timer) : timers.add(timer)),
        apply: () => {},
      });
    let driver = start();
    let flush: ReturnType<typeof driver.takeWrites> = null;
    const write = (writes: readonly W[]) => {
      journal.push(...writes);
      writes.forEach(onDurable);
    };
    return {
      timers,
      message: (from, message) => driver.step({ kind: "message", from, message: message as M }),
      timeout: (timer) => driver.step({ kind: "timeout", timer }),
      propose: (value) => {
        const command = { instance: 1, value, id: null } as C;
        driver.step({ kind: "propose", requestId: name, command });
      },
      beginFlush: () => {
        flush ??= driver.takeWrites();
      },
      endFlush: () => {
        if (!flush) return;
        const { writes, upTo } = flush;
        flush = null;
        write(writes);
        driver.durable(upTo);
      },
      crash: () => {
        if (flush) write(flush.writes.slice(0, this.#random.below(flush.writes.length + 1)));
        flush = null;
        timers.clear();
        driver = start();
      },
    };
  }
}

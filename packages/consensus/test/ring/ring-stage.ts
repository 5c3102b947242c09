import { Driver } from "../../src/core/driver.ts";
import type { NodeId } from "../../src/core/participant.ts";
import { Random } from "../../src/core/random.ts";
import { START_TIMER } from "../../src/core/start-timer.ts";
import type { RingMessage } from "../../src/ring/messages.ts";
import type { RingWrite } from "../../src/ring/parts.ts";
import { RingClient, type RingClientCommand, type RingClientReply } from "../../src/ring/ring-client.ts";
import { RingNode, type RingNodeState } from "../../src/ring/ring-node.ts";
import { clientNames, nodeNames, type RingPlan } from "../../src/ring/roles.ts";
import { RING_TIMING, type RingTiming } from "../../src/ring/timing.ts";
import { ringMessageInWords, ringReplyInWords, ringWriteInWords } from "../../src/ring/words.ts";

interface Letter {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: RingMessage;
}

interface Member {
  readonly driver: Driver<RingMessage, RingWrite, RingClientCommand | string, RingClientReply>;
  readonly state: () => unknown;
}

/** A ring in memory: messages arrive in the order in which they were sent, and the clock moves when none is on its way. */
export class RingStage {
  readonly plan: RingPlan;
  /** Everything that was sent. */
  readonly sent: Letter[] = [];
  readonly replies: RingClientReply[] = [];
  /** What is decided where: by learners, and as clients hear it. */
  readonly decided: (readonly [NodeId, string])[] = [];
  /** What happens, in words. */
  readonly transcript: string[] = [];
  /** Loses what this says. */
  loses: (letter: Letter) => boolean = () => false;
  readonly #timing: RingTiming;
  readonly #members = new Map<NodeId, Member>();
  readonly #disks = new Map<NodeId, RingWrite[]>();
  readonly #timers = new Map<string, { readonly name: NodeId; readonly timer: string; readonly atMs: number }>();
  readonly #letters: Letter[] = [];
  nowMs = 0;

  constructor(plan: Partial<RingPlan> = {}, timing: Partial<RingTiming> = {}) {
    this.#timing = { ...RING_TIMING, ...timing };
    this.plan = { proposers: 2, acceptors: 3, learners: 2, clients: 2, ...plan };
  }

  /** Starts these members, or all. */
  start(...names: readonly NodeId[]): void {
    for (const name of names.length > 0 ? names : [...nodeNames(this.plan), ...clientNames(this.plan)]) {
      this.#members.set(name, this.#boot(name));
      this.#step(name, { kind: "timeout", timer: START_TIMER });
    }
  }

  /** Takes a member and its timers away; its disk stays. */
  crash(name: NodeId): void {
    this.#members.delete(name);
    for (const [key, timer] of this.#timers) if (timer.name === name) this.#timers.delete(key);
  }

  node(uid: number): RingNodeState {
    return this.#members.get(`n${uid}`)?.state() as RingNodeState;
  }

  disk(name: NodeId): readonly RingWrite[] {
    return this.#disks.get(name) ?? [];
  }

  tell(from: NodeId, to: NodeId, message: RingMessage): void {
    this.#step(to, { kind: "message", from, message });
  }

  set(client: NodeId, value: string, proposer = 0, timeoutMs = 30_000): void {
    const command = { kind: "set", value, proposer, timeoutMs } as const;
    this.#step(client, { kind: "propose", requestId: `${client} ${value}`, command });
  }

  leave(client: NodeId): void {
    this.#step(client, { kind: "propose", requestId: `${client} leaves`, command: { kind: "leave", timeoutMs: 1000 } });
  }

  /** Lets things happen until this holds, at most so long. @returns whether it does */
  until(holds: () => boolean, withinMs = 60_000): boolean {
    const endMs = this.nowMs + withinMs;
    while (!holds()) {
      const letter = this.#letters.shift();
      if (letter) this.#arrive(letter);
      else if (!this.#tick(endMs)) return false;
    }
    return true;
  }

  /** Lets everything happen that happens within this time. */
  run(forMs: number): void {
    this.until(() => false, forMs);
  }

  count(type: RingMessage["type"]): number {
    return this.sent.filter(({ message }) => message.type === type).length;
  }

  #arrive(letter: Letter): void {
    const { from, to, message } = letter;
    const isLost = this.loses(letter) || !this.#members.has(to);
    this.transcript.push(`${from} -> ${to}${isLost ? " (lost)" : ""}: ${ringMessageInWords(message)}`);
    if (!isLost) this.#step(to, { kind: "message", from, message });
  }

  #tick(endMs: number): boolean {
    const [next] = [...this.#timers].sort(([, one], [, other]) => one.atMs - other.atMs);
    if (next === undefined || next[1].atMs > endMs) {
      this.nowMs = endMs;
      return false;
    }
    const [key, { name, timer, atMs }] = next;
    this.#timers.delete(key);
    this.nowMs = atMs;
    this.transcript.push(`${name} has waited (${timer})`);
    this.#step(name, { kind: "timeout", timer });
    return true;
  }

  #step(name: NodeId, input: Parameters<Member["driver"]["step"]>[0]): void {
    const driver = this.#members.get(name)?.driver;
    if (driver === undefined) return;
    driver.step(input);
    for (let flush = driver.takeWrites(); flush; flush = driver.takeWrites()) {
      this.#disks.set(name, [...this.disk(name), ...flush.writes]);
      for (const write of flush.writes) this.transcript.push(`${name} writes: ${ringWriteInWords(write)}`);
      driver.durable(flush.upTo);
    }
  }

  #boot(name: NodeId): Member {
    const { plan } = this;
    const uid = Number(name.slice(1));
    const chance = Random.fromSeed(uid + 1);
    const options = { plan, uid, timing: this.#timing, chance };
    const participant = name.startsWith("n") ? new RingNode(options, this.disk(name)) : new RingClient(options);
    const driver: Member["driver"] = new Driver(participant as RingClient, {
      send: (to, message) => {
        this.sent.push({ from: name, to, message });
        this.#letters.push({ from: name, to, message });
      },
      reply: (_, reply) => {
        this.replies.push(reply);
        this.transcript.push(`${name} tells its program: ${ringReplyInWords(reply)}`);
      },
      apply: (_, value) => {
        this.decided.push([name, String(value)]);
        this.transcript.push(`${name} knows: "${value}" is chosen`);
      },
      setTimer: (timer, afterMs) => {
        const key = `${name} ${timer}`;
        if (afterMs === null) this.#timers.delete(key);
        else this.#timers.set(key, { name, timer, atMs: this.nowMs + afterMs });
      },
    });
    return { driver, state: () => participant.state };
  }
}

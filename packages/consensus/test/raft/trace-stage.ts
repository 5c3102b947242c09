import {
  Driver,
  type NodeId,
  type RaftEntry,
  type RaftMessage,
  RaftNode,
  type RaftWrite,
  Random,
  raftMessageInWords,
  raftWriteInWords,
  START_TIMER,
} from "@synod/consensus";
import { Shelf } from "../multipaxos/log-stage.js";

interface Server {
  readonly node: RaftNode;
  readonly driver: Driver<RaftMessage, RaftWrite, string>;
  readonly disk: RaftWrite[];
}

interface Letter {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: RaftMessage;
}

type Peer = Parameters<typeof raftMessageInWords>[0];

/** Whoever acts on a server by hand. */
const YOU = "you";

/** What a new leader begins its term with, for short. */
const say = (value: string) => (value === '{"type":"no-op"}' ? "no-op" : `"${value}"`);

/**
 * Servers of Raft that tell in words what happens: messages arrive in the order in which they were sent, every disk
 * writes at once, an entry travels alone, and no timer goes off by itself.
 */
export class RaftTraceStage {
  /** What happened since this was last emptied. */
  readonly transcript: string[] = [];
  readonly #servers = new Map<NodeId, Server>();
  readonly #disks = new Map<NodeId, RaftWrite[]>();
  readonly #down = new Set<NodeId>();
  #letters: Letter[] = [];
  /** Entries of this term are lost on their way. */
  #lostTerm: number | null = null;

  /** Servers, each in this term and with entries of these terms in its log. @param logs by name */
  logs(term: number, logs: ReadonlyMap<NodeId, readonly number[]>): void {
    for (const [name, terms] of logs) {
      const entries = terms.map((one, place): RaftEntry => ({ term: one, value: `${place + 1}` }));
      this.#disks.set(name, [
        { kind: "term", term, votedFor: null },
        { kind: "entries", from: 1, entries },
      ]);
    }
    for (const name of logs.keys()) this.#boot(name);
  }

  down(name: NodeId): void {
    this.#server(name);
    this.#down.add(name);
  }

  /** It lost its memory, and reads its disk. */
  up(name: NodeId): void {
    this.#down.delete(name);
    this.#boot(name);
  }

  loseEntriesOf(term: number | null): void {
    this.#lostTerm = term;
  }

  /** A server stands as if its leader had told it to: without a pre-vote. */
  stand(name: NodeId): void {
    const { term } = this.#server(name).node.state;
    this.#step(name, { kind: "message", from: YOU, message: { type: "timeout-now", term, leader: YOU } });
  }

  /** Its timer goes off, with which a leader sends again what is not answered. */
  beat(name: NodeId): void {
    this.#step(name, { kind: "timeout", timer: "tick" });
  }

  /** Delivers this many messages. */
  deliver(count: number): void {
    for (let delivered = 0; delivered < count; delivered++) {
      const letter = this.#letters.shift();
      if (!letter) throw new Error("no message is under way");
      this.#deliver(letter);
    }
  }

  /** Delivers all there is, and all that follows. */
  run(): void {
    for (let letter = this.#letters.shift(); letter; letter = this.#letters.shift()) this.#deliver(letter);
  }

  state(): void {
    for (const [name, { node, disk }] of this.#servers) {
      if (this.#down.has(name)) {
        this.#say(`${name} is down`);
        continue;
      }
      const { role, term, commitIndex } = node.state;
      this.#say(`${name} ${role}, term ${term}, log ${termsOn(disk).join(" ")}, committed through ${commitIndex}`);
    }
  }

  #say(line: string): void {
    this.transcript.push(line);
  }

  #server(name: NodeId): Server {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`there is no server ${name}`);
    return server;
  }

  #boot(name: NodeId): void {
    const disk = this.#disks.get(name) ?? [];
    const options = { name, voters: [...this.#disks.keys()], application: new Shelf(), chance: Random.fromSeed(1) };
    const node = new RaftNode({ ...options, limits: { batchEntries: 1 } }, disk);
    const driver = new Driver<RaftMessage, RaftWrite, string>(node, {
      send: (to, message) => {
        // Whoever told a server to stand waits for no answer.
        if (to !== YOU) this.#letters.push({ from: name, to, message });
      },
      reply: () => {},
      setTimer: () => {},
      apply: () => {},
    });
    this.#servers.set(name, { node, driver, disk });
    driver.step({ kind: "timeout", timer: START_TIMER });
  }

  #deliver({ from, to, message }: Letter): void {
    const words = `${from} -> ${to}: ${raftMessageInWords(message as Peer, say)}`;
    const isLost = message.type === "append-entries" && message.entries.some((entry) => entry.term === this.#lostTerm);
    const why = this.#down.has(to) ? " (down)" : isLost ? " (lost)" : "";
    this.#say(`${words}${why}`);
    if (why === "" && !this.#down.has(from)) this.#step(to, { kind: "message", from, message });
  }

  #step(name: NodeId, input: Parameters<RaftNode["step"]>[0]): void {
    const { driver, disk } = this.#server(name);
    driver.step(input);
    for (let flush = driver.takeWrites(); flush; flush = driver.takeWrites()) {
      for (const write of flush.writes) this.#say(`${name} writes: ${raftWriteInWords(write, say)}`);
      disk.push(...flush.writes);
      driver.durable(flush.upTo);
    }
  }
}

/** The terms of the entries that these writes lead to. */
function termsOn(disk: readonly RaftWrite[]): readonly number[] {
  let terms: number[] = [];
  for (const write of disk) {
    if (write.kind === "entries") terms = [...terms.slice(0, write.from - 1), ...write.entries.map(({ term }) => term)];
  }
  return terms;
}

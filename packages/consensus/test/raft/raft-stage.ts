import {
  type Input,
  LogClient,
  type LogMessage,
  type NodeId,
  type OperatorAnswer,
  type Participant,
  type RaftEntry,
  RaftNode,
  type RaftOptions,
  type RaftWrite,
  Random,
  type Ready,
  START_TIMER,
} from "@synod/consensus";
import { type Letter, LogStage, Shelf } from "../multipaxos/log-stage.js";

type AnyParticipant = Participant<LogMessage, unknown, unknown, unknown>;

/** Servers of Raft in a room with a client c1: disks are instant, letters wait, and time passes when a timer is told to go off. */
export class RaftStage extends LogStage {
  readonly shelves = new Map<NodeId, Shelf>();
  readonly #limits: RaftOptions["limits"];
  readonly #toOperator: OperatorAnswer[] = [];

  constructor(
    readonly voters: readonly NodeId[] = ["s1", "s2", "s3"],
    limits: RaftOptions["limits"] = {},
  ) {
    super();
    this.#limits = limits ?? {};
    for (const name of voters) this.start(name);
    this.add("c1", new LogClient({ proposers: voters, learners: voters }) as AnyParticipant);
  }

  /** Starts a server with what its disk holds. @param voters of a server that is added later: none */
  start(name: NodeId, voters: readonly NodeId[] = this.voters): void {
    const application = new Shelf();
    this.shelves.set(name, application);
    const options = { name, voters, application, chance: Random.fromSeed(name.charCodeAt(1)), limits: this.#limits };
    const disk = (this.disks.get(name) ?? []) as RaftWrite[];
    this.add(name, new RaftNode({ ...options, limits: this.#limits ?? {} }, disk) as unknown as AnyParticipant);
    this.step(name, { kind: "timeout", timer: START_TIMER });
  }

  /** Puts writes on the disk of a server that starts afterwards. */
  startWith(name: NodeId, writes: readonly RaftWrite[]): void {
    this.disks.set(name, [...writes]);
    this.start(name);
  }

  /** Its patience with the leader ends, or with not hearing of one. */
  timeOut(name: NodeId): void {
    if (this.timers.has(`${name} lease`)) this.fire(name, "lease");
    this.fire(name, "election");
  }

  /** Lets the leases of others run out first, as they would if nobody led. */
  elect(name: NodeId, lost?: (letter: Letter) => boolean): void {
    for (const other of this.participants.keys()) if (this.timers.has(`${other} lease`)) this.fire(other, "lease");
    this.fire(name, "election");
    this.settle(lost);
  }

  override settle(lost: (letter: Letter) => boolean = () => false): void {
    super.settle((letter) => {
      if (letter.message.type === "operator-answer") this.#toOperator.push(letter.message);
      return lost(letter);
    });
  }

  /** What the operator was told. */
  answers(): Pick<OperatorAnswer, "outcome" | "leader">[] {
    return this.#toOperator.map(({ outcome, leader }) => ({ outcome, leader }));
  }

  /** A heartbeat of the leader, and what comes of it. */
  beat(leader: NodeId, lost?: (letter: Letter) => boolean): void {
    this.fire(leader, "tick");
    this.settle(lost);
  }

  raft(name: NodeId): RaftNode["state"] {
    return this.participants.get(name)?.state as RaftNode["state"];
  }

  leaders(): NodeId[] {
    return [...this.participants.keys()].filter((name) => name !== "c1" && this.raft(name).role === "leader");
  }

  values(name: NodeId): readonly string[] {
    return (this.shelves.get(name)?.values ?? []).filter((value) => !value.includes("no-op"));
  }
}

/** Letters to or from one of these. */
export function around(...nodes: readonly NodeId[]): (letter: Letter) => boolean {
  return ({ from, to }) => nodes.includes(from) || nodes.includes(to);
}

/** Entries of these terms, each with its place as its value. */
export function entriesOf(...terms: readonly number[]): RaftEntry[] {
  return terms.map((term, place) => ({ term, value: `${place + 1} of term ${term}` }));
}

/** A server by itself, whose outputs are looked at as they come, before anything is durable. */
export class LoneServer {
  readonly node: RaftNode;
  readonly application = new Shelf();

  constructor(name: NodeId, voters: readonly NodeId[], writes: readonly RaftWrite[] = []) {
    this.node = new RaftNode({ name, voters, application: this.application, chance: Random.fromSeed(1) }, writes);
    this.node.step({ kind: "timeout", timer: START_TIMER });
  }

  hear(from: NodeId, message: LogMessage): Ready<LogMessage, RaftWrite, string> {
    const input = { kind: "message", from, message } as Input<never>;
    return this.node.step(input) as unknown as Ready<LogMessage, RaftWrite, string>;
  }

  step(input: Input<never>): Ready<LogMessage, RaftWrite, string> {
    return this.node.step(input) as unknown as Ready<LogMessage, RaftWrite, string>;
  }
}

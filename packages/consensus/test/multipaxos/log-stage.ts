import {
  Acceptor,
  type AcceptorReply,
  type AcceptorRequest,
  Driver,
  type LogApplication,
  LogClient,
  LogLearner,
  type LogMessage,
  type LogOutcome,
  LogProposer,
  type LogProposerOptions,
  type NodeId,
  type Participant,
  Random,
  START_TIMER,
} from "@synod/consensus";

type AnyParticipant = Participant<LogMessage, unknown, unknown, unknown>;

export interface Letter {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: LogMessage;
}

/** An application that keeps every value, and answers with its slot. */
export class Shelf implements LogApplication {
  values: string[] = [];

  apply(slot: number, value: string): string {
    this.values.push(`${slot}:${value}`);
    return JSON.stringify(`put at ${slot}`);
  }

  recall(slot: number): string | null {
    return JSON.stringify(`put at ${slot}`);
  }

  read(query: string): string {
    return JSON.stringify({ query, values: this.values });
  }

  snapshot(): string[] {
    return this.values.map((value) => JSON.stringify(value));
  }

  restore(pieces: readonly string[]): void {
    this.values = pieces.map((piece) => JSON.parse(piece));
  }
}

/**
 * Participants of one log in a room: disks are instant, letters wait until somebody delivers them, and time passes when a
 * timer is told to go off. Nothing is random.
 */
export class LogStage {
  letters: Letter[] = [];
  readonly timers = new Map<string, number>();
  readonly replies: { node: NodeId; requestId: string; reply: unknown }[] = [];
  readonly disks = new Map<NodeId, unknown[]>();
  /** Letters to or from these are lost. */
  readonly down = new Set<NodeId>();
  readonly #drivers = new Map<NodeId, Driver<LogMessage, unknown, unknown, unknown>>();
  readonly participants = new Map<NodeId, AnyParticipant>();

  add(name: NodeId, participant: AnyParticipant): void {
    const disk = this.disks.get(name) ?? [];
    this.disks.set(name, disk);
    this.participants.set(name, participant);
    this.#drivers.set(
      name,
      new Driver(participant, {
        send: (to, message) => this.letters.push({ from: name, to, message }),
        reply: (requestId, reply) => this.replies.push({ node: name, requestId, reply }),
        setTimer: (timer, afterMs) => {
          if (afterMs === null) this.timers.delete(`${name} ${timer}`);
          else this.timers.set(`${name} ${timer}`, afterMs);
        },
        apply: () => {},
      }),
    );
  }

  /** One step. What a client is asked is a moment of its own, which ends with it. */
  step(node: NodeId, input: Parameters<AnyParticipant["step"]>[0]): void {
    this.stepWithin(node, input);
    if (input.kind === "propose" && this.timers.has(`${node} moment`)) this.fire(node, "moment");
  }

  /** One step of a moment that goes on. */
  stepWithin(node: NodeId, input: Parameters<AnyParticipant["step"]>[0]): void {
    const driver = this.#drivers.get(node);
    if (driver === undefined) throw new Error(`there is no ${node}`);
    driver.step(input);
    for (let flush = driver.takeWrites(); flush; flush = driver.takeWrites()) {
      this.disks.get(node)?.push(...flush.writes);
      driver.durable(flush.upTo);
    }
  }

  /** Lets a timer go off that is set. */
  fire(node: NodeId, timer: string): void {
    if (!this.timers.delete(`${node} ${timer}`)) throw new Error(`${node} has not set its timer ${timer}`);
    this.step(node, { kind: "timeout", timer });
  }

  tell(from: NodeId, to: NodeId, message: LogMessage): void {
    this.step(to, { kind: "message", from, message });
  }

  /** Delivers letters until none is left, and a leader has told all learners what there is to tell. */
  settle(lost?: (letter: Letter) => boolean): void {
    this.deliver(lost);
    for (const node of this.participants.keys()) {
      if (this.down.has(node) || !this.timers.has(`${node} tell`)) continue;
      this.fire(node, "tell");
      this.settle(lost);
    }
  }

  /** Delivers letters, oldest first, until none is left; those that `lost` picks get lost. */
  deliver(lost: (letter: Letter) => boolean = () => false): void {
    for (let count = 0; this.letters.length > 0; count++) {
      if (count > 100_000) throw new Error("letters without end");
      const [letter, ...rest] = this.letters;
      this.letters = rest;
      if (!letter || lost(letter) || this.down.has(letter.from) || this.down.has(letter.to)) continue;
      if (this.#drivers.has(letter.to))
        this.step(letter.to, { kind: "message", from: letter.from, message: letter.message });
    }
  }

  /** Asks the client c1 to put a value into the log. */
  submit(requestId: string, value: string): void {
    this.step("c1", { kind: "propose", requestId, command: { kind: "submit", value, timeoutMs: 5000 } });
  }

  /** What became of its request; undefined while it is open. */
  outcome(requestId: string): LogOutcome | undefined {
    return this.replies.find((one) => one.node === "c1" && one.requestId === requestId)?.reply as
      | LogOutcome
      | undefined;
  }

  state<P extends AnyParticipant>(node: NodeId, _kind: new (...args: never[]) => P): P["state"] {
    return this.participants.get(node)?.state as P["state"];
  }
}

export const ACCEPTORS = ["a1", "a2", "a3"];
export const LEARNERS = ["l1", "l2"];

/** A whole cluster on a stage: a1 a2 a3, p1 p2, l1 l2, c1. */
export class Cluster extends LogStage {
  readonly shelves = new Map<NodeId, Shelf>();

  /**
   * @param reporter the learner that is nearest to every proposer
   * @param beside the acceptor beside each learner that has one, as proposers and learners know
   */
  constructor(
    readonly limits: LogProposerOptions["limits"] = {},
    readonly reporter: NodeId | null = null,
    readonly beside: Readonly<Record<NodeId, NodeId>> = {},
  ) {
    super();
    for (const name of ACCEPTORS) {
      this.add(name, new Acceptor(undefined, { cluster: { acceptsByHand: true } }) as AnyParticipant);
    }
    for (const name of LEARNERS) this.startLearner(name);
    this.startProposer("p1", 1);
    this.startProposer("p2", 2);
    this.startClient();
  }

  startProposer(name: NodeId, index: number): void {
    const options: LogProposerOptions = {
      name,
      index,
      acceptors: ACCEPTORS,
      rivals: ["p1", "p2"].filter((rival) => rival !== name),
      learners: LEARNERS,
      chance: Random.fromSeed(index),
      limits: this.limits ?? {},
      ...(this.reporter === null ? {} : { reporter: this.reporter }),
      besideAcceptors: Object.keys(this.beside),
    };
    const disk = (this.disks.get(name) ?? []) as ConstructorParameters<typeof LogProposer>[1];
    this.add(name, new LogProposer(options, disk) as AnyParticipant);
    this.step(name, { kind: "timeout", timer: START_TIMER });
  }

  startLearner(name: NodeId, limits: ConstructorParameters<typeof LogLearner>[0]["limits"] = {}): void {
    const application = new Shelf();
    this.shelves.set(name, application);
    const peers = LEARNERS.filter((peer) => peer !== name);
    const acceptor = this.beside[name];
    const options = { name, acceptors: ACCEPTORS, peers, application, limits, ...(acceptor ? { acceptor } : {}) };
    const disk = (this.disks.get(name) ?? []) as ConstructorParameters<typeof LogLearner>[1];
    this.add(name, new LogLearner(options, disk) as AnyParticipant);
    this.step(name, { kind: "timeout", timer: START_TIMER });
  }

  startClient(): void {
    this.add("c1", new LogClient({ proposers: ["p1", "p2"], learners: LEARNERS }) as AnyParticipant);
  }

  /** Lets a proposer stand until it leads, or cannot: its first id may be below what the acceptors have promised. */
  elect(name: NodeId, lost?: (letter: Letter) => boolean): void {
    for (let attempt = 0; attempt < 2 && this.proposer(name).role !== "leader"; attempt++) {
      if (!this.timers.has(`${name} election`)) return;
      this.fire(name, "election");
      this.settle(lost);
    }
  }

  /** Puts a message to an acceptor, as a person would with curl. */
  byHand(acceptor: NodeId, request: AcceptorRequest): AcceptorReply {
    const before = this.letters;
    this.letters = [];
    this.tell("person", acceptor, request);
    const reply = this.letters.find(({ to }) => to === "person")?.message as AcceptorReply;
    this.letters = before;
    return reply;
  }

  values(learner: NodeId): readonly string[] {
    return this.shelves.get(learner)?.values ?? [];
  }

  proposer(name: NodeId): LogProposer["state"] {
    return this.state(name, LogProposer);
  }

  learner(name: NodeId): LogLearner["state"] {
    return this.state(name, LogLearner);
  }
}

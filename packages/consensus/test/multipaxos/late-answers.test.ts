import {
  type Input,
  LogLearner,
  type LogMessage,
  LogProposer,
  type LogProposerOptions,
  type NodeId,
  Random,
} from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { Shelf } from "./log-stage.js";

type Message<T extends LogMessage["type"]> = LogMessage & { readonly type: T };

interface Accepted {
  readonly value: string;
  readonly decided?: true;
}

/** A proposer by itself, to whom acceptors a1, a2, a3 and learners l1, l2 say whatever a test wants. */
class LoneProposer {
  readonly node: LogProposer;

  constructor(limits: LogProposerOptions["limits"] = {}) {
    const others = { acceptors: ["a1", "a2", "a3"], rivals: [], learners: ["l1", "l2"] };
    this.node = new LogProposer({ name: "p1", index: 1, ...others, chance: Random.fromSeed(1), limits: limits ?? {} });
  }

  step(input: Input<LogMessage>): readonly LogMessage[] {
    return this.node.step(input).messages.map(({ message }) => message);
  }

  hear(from: NodeId, message: LogMessage): readonly LogMessage[] {
    return this.step({ kind: "message", from, message });
  }

  /** What it comes to that a1 has accepted these values, from slot 1 on, under an id of a person, and a2 nothing. */
  elect(accepted: readonly Accepted[] = []): readonly LogMessage[] {
    this.step({ kind: "timeout", timer: "election" });
    return this.promised(accepted);
  }

  promised(accepted: readonly Accepted[]): readonly LogMessage[] {
    const { id } = this.node.state;
    const entries = accepted.map(({ value, ...mark }, place) => {
      return { instance: place + 1, acceptedId: 0, acceptedValue: value, ...mark };
    });
    const pages = { a1: entries, a2: [] };
    return Object.entries(pages).flatMap(([from, page]) =>
      this.hear(from, { type: "promise-log", id: id ?? 0, page: { entries: page, next: null, truncatedThrough: 0 } }),
    );
  }

  accepted(from: NodeId, instances: readonly number[], more: Partial<Message<"accepted-log">> = {}) {
    return this.hear(from, { type: "accepted-log", id: this.node.state.id ?? 0, instances, ...more });
  }

  get leading(): NonNullable<LogProposer["state"]["leading"]> {
    const { leading } = this.node.state;
    if (leading === null) throw new Error("it does not lead");
    return leading;
  }
}

function sent<T extends LogMessage["type"]>(messages: readonly LogMessage[], type: T): readonly Message<T>[] {
  return messages.filter((message) => message.type === type) as Message<T>[];
}

describe("a leader", () => {
  test("takes of what phase 1 found only that for decided which somebody has marked, and proposes the rest", () => {
    const proposer = new LoneProposer();
    const accepts = sent(proposer.elect([{ value: "chosen", decided: true }, { value: "perhaps" }]), "accept-log");
    expect(proposer.leading.decidedThrough).toBe(1);
    expect(accepts.map(({ entries }) => entries)).toContainEqual([{ instance: 2, value: "perhaps" }]);
    proposer.accepted("a1", [2]);
    expect(proposer.leading.decidedThrough).toBe(1);
    proposer.accepted("a3", [2]);
    expect(proposer.leading.decidedThrough).toBe(2);
  });

  test("counts no answer to what it proposed in the same slot under an earlier id: that was another value", () => {
    const proposer = new LoneProposer();
    proposer.elect();
    proposer.hear("c1", { type: "submit", submission: 1, requests: [{ requestId: "r1", value: "first" }] });
    const earlier = proposer.node.state.id ?? 0;
    // A person's prepare: it comes back with a higher id, and a majority has nothing of the first value.
    proposer.hear("a2", { type: "accept-log-ignored", id: earlier, promisedId: 16 });
    proposer.promised([]);
    proposer.hear("c1", { type: "submit", submission: 2, requests: [{ requestId: "r2", value: "second" }] });
    expect(proposer.node.state.id).toBeGreaterThan(earlier);
    proposer.accepted("a3", [1], { id: earlier });
    proposer.accepted("a1", [1]);
    expect(proposer.leading.decidedThrough).toBe(0);
    proposer.accepted("a2", [1]);
    expect(proposer.leading.decidedThrough).toBe(1);
  });

  test("lets a read wait for all that phase 1 found, also for what it has not proposed yet", () => {
    const proposer = new LoneProposer({ batchEntries: 1, batchesInFlight: 1 });
    proposer.elect([{ value: "one" }, { value: "two" }, { value: "three" }]);
    const [probe] = sent(proposer.hear("c1", { type: "read-barrier", requestId: "q1" }), "accept-log");
    const answers = ["a1", "a2"].flatMap((from) => proposer.accepted(from, [], { sequence: probe?.sequence ?? 0 }));
    for (const slot of [1, 2]) for (const from of ["a1", "a2"]) answers.push(...proposer.accepted(from, [slot]));
    expect([proposer.leading.decidedThrough, sent(answers, "read-barrier-passed")]).toEqual([2, []]);
    for (const from of ["a1", "a2"]) answers.push(...proposer.accepted(from, [3]));
    expect(sent(answers, "read-barrier-passed")).toMatchObject([{ requestId: "q1", slot: 3 }]);
  });

  test("believes a learner that has less than it said before: its disk was wiped, and the log is kept for it again", () => {
    const proposer = new LoneProposer();
    proposer.elect();
    const told = (learner: NodeId, snapshotThrough: number) => {
      const what = { number: 0, appliedThrough: snapshotThrough, snapshotThrough, results: [], missingFrom: null };
      proposer.hear(learner, { type: "learned", learner, ...what });
      return proposer.leading.truncatableThrough;
    };
    expect([told("l1", 60), told("l2", 70), told("l1", 0)]).toEqual([0, 60, 0]);
  });
});

describe("a learner that fetches a snapshot", () => {
  const piece = (place: number, more: Partial<Message<"snapshot-piece">> = {}) => {
    const text = JSON.stringify(`piece ${place}`);
    return { type: "snapshot-piece", through: 9, piece: place, pieces: 3, text, ...more } as const;
  };

  test("puts together what it asked for, of one peer and one snapshot, each piece once", () => {
    const application = new Shelf();
    const learner = new LogLearner({ name: "l1", acceptors: ["a1"], peers: ["l2", "l3"], application });
    const hear = (from: NodeId, message: LogMessage) => learner.step({ kind: "message", from, message });
    const snapshot = { through: 9, pieces: 3 };
    hear("l2", { type: "sync-reply", from: 1, values: [], appliedThrough: 9, snapshot });
    for (const place of [0, 0, 2, 1]) {
      hear("l3", piece(place, { text: JSON.stringify("of another peer") }));
      hear("l2", piece(place, { through: 8, text: JSON.stringify("of another snapshot") }));
      hear("l2", piece(place));
    }
    expect([learner.state.appliedThrough, application.values]).toEqual([0, []]);
    hear("l2", piece(2));
    expect([learner.state.appliedThrough, application.values]).toEqual([9, ["piece 0", "piece 1", "piece 2"]]);
  });

  test("begins anew where the peer has another number of pieces now: it is another snapshot", () => {
    const application = new Shelf();
    const learner = new LogLearner({ name: "l1", acceptors: ["a1"], peers: ["l2"], application });
    const hear = (message: LogMessage) => learner.step({ kind: "message", from: "l2", message });
    const told = { type: "sync-reply", from: 1, values: [], appliedThrough: 9 } as const;
    hear({ ...told, snapshot: { through: 9, pieces: 2 } });
    hear(piece(0, { pieces: 2 }));
    hear(piece(1));
    expect(learner.state.appliedThrough).toBe(0);
    hear({ ...told, snapshot: { through: 9, pieces: 3 } });
    for (const place of [0, 1, 2]) hear(piece(place));
    expect(application.values).toEqual(["piece 0", "piece 1", "piece 2"]);
  });
});

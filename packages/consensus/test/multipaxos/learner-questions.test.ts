import { LogClient, type LogMessage, type LogOutcome, type Participant } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { LogStage } from "./log-stage.js";

type QueryMessage = LogMessage & { readonly type: "query" };

/** A client whose reads begin together, with two learners that the test speaks for. */
class Reader extends LogStage {
  constructor(learners = ["l1", "l2"]) {
    super();
    this.add(
      "c1",
      new LogClient({ proposers: ["p1"], learners }) as Participant<LogMessage, unknown, unknown, unknown>,
    );
  }

  /** Lets reads begin in one moment, and ends it. */
  begin(requestIds: readonly string[], more: { readonly atLeast?: number; readonly timeoutMs?: number } = {}): void {
    for (const requestId of requestIds) this.beginOne(requestId, more);
    this.fire("c1", "moment");
  }

  beginOne(requestId: string, more: { readonly atLeast?: number; readonly timeoutMs?: number } = {}): void {
    const command = { kind: "query", query: `? ${requestId}`, strong: false, atLeast: 0, timeoutMs: 5000, ...more };
    this.stepWithin("c1", { kind: "propose", requestId, command });
  }

  get asked(): readonly (QueryMessage & { readonly to: string })[] {
    return this.letters.flatMap(({ to, message }) => (message.type === "query" ? [{ ...message, to }] : []));
  }

  answer(from: string, requestId: string, slot: number, answers: readonly string[]): void {
    this.tell(from, "c1", { type: "query-answer", requestId, slot, answers });
  }

  refuse(from: string, requestId: string): void {
    this.tell(from, "c1", { type: "query-refused", requestId, reason: "behind", appliedThrough: 0 });
  }

  silence(requestId: string, arrived: "certainly-not" | "perhaps"): void {
    this.tell("l1", "c1", { type: "no-answer", to: "query", which: requestId, arrived });
  }

  /** What each read that is over came to. */
  get outcomes(): Readonly<Record<string, unknown>> {
    const words = (reply: LogOutcome) =>
      reply.kind === "answered" ? reply.answer : reply.kind === "refused" ? reply.reason : reply.kind;
    return Object.fromEntries(this.replies.map(({ requestId, reply }) => [requestId, words(reply as LogOutcome)]));
  }
}

const names = (count: number) => Array.from({ length: count }, (_, place) => `r${place + 1}`);

describe("reads that begin in one moment", () => {
  test("travel together, and each gets its own answer", () => {
    const reader = new Reader();
    reader.begin(["r1", "r2", "r3"]);
    expect(reader.asked).toMatchObject([{ to: "l1", requestId: "1", queries: ["? r1", "? r2", "? r3"] }]);
    reader.answer("l1", "1", 4, ["one", "two", "three"]);
    expect(reader.outcomes).toEqual({ r1: "one", r2: "two", r3: "three" });
    expect(reader.replies[0]?.reply).toMatchObject({ cost: { messages: 2, sharedBy: 3 }, slot: 4, learner: "l1" });
    expect([...reader.timers.keys()]).toEqual([]);
  });

  test("are at most 32 in a message", () => {
    const reader = new Reader();
    reader.begin(names(70));
    expect(reader.asked.map(({ queries }) => queries.length)).toEqual([32, 32, 6]);
    expect(reader.asked.flatMap(({ queries }) => queries)).toEqual(names(70).map((name) => `? ${name}`));
  });

  test("travel apart where they need another slot, or have another time", () => {
    const reader = new Reader();
    reader.beginOne("r1", { atLeast: 7 });
    reader.beginOne("r2");
    reader.beginOne("r3", { atLeast: 7 });
    reader.beginOne("r4", { timeoutMs: 100 });
    reader.fire("c1", "moment");
    expect(reader.asked).toMatchObject([
      { queries: ["? r1", "? r3"], atLeast: 7, waitMs: 1000 },
      { queries: ["? r2"], atLeast: 0, waitMs: 1000 },
      { queries: ["? r4"], atLeast: 0, waitMs: 50 },
    ]);
  });

  test("whose time is up before the moment ends are not asked at all", () => {
    const reader = new Reader();
    reader.beginOne("r1", { timeoutMs: 1 });
    reader.beginOne("r2");
    reader.fire("c1", "deadline 1");
    reader.fire("c1", "moment");
    expect(reader.asked.map(({ queries }) => queries)).toEqual([["? r2"]]);
    expect(reader.outcomes).toEqual({ r1: "no-leader" });
  });
});

describe("an answer", () => {
  test("to some of the questions leaves the rest to be asked again at once, under another number", () => {
    const reader = new Reader();
    reader.begin(["r1", "r2", "r3"], { atLeast: 2 });
    reader.answer("l1", "1", 4, ["one"]);
    expect(reader.outcomes).toEqual({ r1: "one" });
    expect(reader.asked.at(-1)).toMatchObject({ to: "l1", requestId: "2", queries: ["? r2", "? r3"], atLeast: 2 });
    reader.answer("l1", "2", 5, ["two", "three"]);
    expect(reader.outcomes).toEqual({ r1: "one", r2: "two", r3: "three" });
    expect(reader.replies.at(-1)?.reply).toMatchObject({ cost: { messages: 4 } });
  });

  test.each([
    ["none", []],
    ["more than were asked", ["one", "two", "three"]],
  ])("with %s is no answer", (_, answers) => {
    const reader = new Reader();
    reader.begin(["r1", "r2"]);
    reader.answer("l1", "1", 4, answers);
    expect(reader.outcomes).toEqual({});
  });

  test("of before the slot that was asked for is none to any of them", () => {
    const reader = new Reader();
    reader.begin(["r1", "r2"], { atLeast: 9 });
    reader.answer("l1", "1", 8, ["one", "two"]);
    expect(reader.outcomes).toEqual({});
  });

  test("that comes late, when the next learner is asked, does not count: it may be of before a read that joined", () => {
    const reader = new Reader();
    reader.begin(["r1"]);
    reader.fire("c1", "query 1");
    reader.answer("l1", "1", 4, ["late"]);
    expect(reader.outcomes).toEqual({});
    reader.fire("c1", "query retry 2");
    expect(reader.asked.at(-1)).toMatchObject({ to: "l2", requestId: "2", queries: ["? r1"] });
    reader.answer("l1", "1", 4, ["late"]);
    expect(reader.outcomes).toEqual({});
    reader.answer("l2", "2", 4, ["in time"]);
    expect(reader.outcomes).toEqual({ r1: "in time" });
  });

  test("that comes a second time is none to what is asked meanwhile", () => {
    const reader = new Reader();
    reader.begin(["r1"]);
    reader.answer("l1", "1", 4, ["one"]);
    reader.begin(["r2"]);
    reader.answer("l1", "1", 4, ["one"]);
    expect(reader.outcomes).toEqual({ r1: "one" });
  });
});

describe("a learner that does not help", () => {
  test("is left for the next one, which is asked for those alone that still have time", () => {
    const reader = new Reader();
    reader.begin(["r1"], { timeoutMs: 4000 });
    reader.begin(["r2", "r3"]);
    reader.refuse("l1", "2");
    reader.refuse("l1", "1");
    reader.fire("c1", "deadline 1");
    reader.fire("c1", "query retry 4");
    reader.fire("c1", "query retry 3");
    expect(reader.asked.slice(2)).toMatchObject([{ to: "l2", queries: ["? r2", "? r3"] }]);
    expect(reader.outcomes).toEqual({ r1: "not-caught-up" });
  });

  test("because nobody listens there is asked again a few times, round all learners; then there is none", () => {
    const reader = new Reader();
    reader.begin(["r1", "r2"]);
    for (let number = 1; number <= 4; number++) {
      expect(reader.outcomes, `${number}`).toEqual({});
      if (number > 1) reader.fire("c1", `query retry ${number}`);
      reader.silence(`${number}`, "certainly-not");
    }
    expect(reader.asked.map(({ to }) => to)).toEqual(["l1", "l2", "l1", "l2"]);
    expect(reader.outcomes).toEqual({ r1: "no-learner", r2: "no-learner" });
  });

  test.each(["refusal", "silence"] as const)("is not deaf: after its %s the count begins again", (kind) => {
    const reader = new Reader();
    reader.begin(["r1"]);
    for (let number = 1; number <= 9; number++) {
      if (number > 1) reader.fire("c1", `query retry ${number}`);
      if (number % 3 > 0) reader.silence(`${number}`, "certainly-not");
      else if (kind === "refusal") reader.refuse("l2", `${number}`);
      else reader.silence(`${number}`, "perhaps");
    }
    expect(reader.outcomes).toEqual({});
  });

  test("where there is no learner, a read is refused at once", () => {
    const reader = new Reader([]);
    reader.begin(["r1"]);
    expect(reader.outcomes).toEqual({ r1: "no-learner" });
  });
});

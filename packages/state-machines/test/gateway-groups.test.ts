import { describe, expect, test } from "vitest";
import { encodeCommand, type GatewayOptions } from "../src/index.ts";
import { Stage } from "./gateway-stage.ts";

/** Of a write that is called w1/tea: tea. Any other one has a slot of its own. */
const touches: GatewayOptions["touches"] = (operation) => `${operation}`.split("/")[1] ?? null;

const TEA = "w1/tea";
const MILK = "w2/milk";
const RICE = "w3/rice";
const result = (text: string) => ({ kind: "result", result: text });
const results = (...each: readonly object[]) => ({ kind: "results", results: each });

/** A gateway whose session is open since slot 1, after a first write, w0. */
function opened(options: Partial<GatewayOptions> = {}): Stage {
  const stage = new Stage({ touches, ...options });
  stage.write("w0");
  stage.opened();
  stage.applied(1, 2, result("first"));
  return stage;
}

/** Three writes that share the third value. */
function together(): Stage {
  const stage = opened();
  stage.moment(() => {
    for (const name of [TEA, MILK, RICE]) stage.write(name, "ann");
  });
  return stage;
}

/** The sequences of each value. */
function sequencesOf(stage: Stage): number[][] {
  return stage.envelopes.flatMap((envelope) => {
    if (envelope.kind === "command") return [[envelope.sequence]];
    return envelope.kind === "commands" ? [envelope.commands.map(({ sequence }) => sequence)] : [];
  });
}

describe("writes that begin in one moment", () => {
  test("share a slot, and each is given what came of itself, its slot, and its share of the cost", () => {
    const stage = together();
    expect(stage.submitted).toHaveLength(3);
    expect(stage.envelopes[2]).toMatchObject({
      kind: "commands",
      commands: [
        { client: "client-1", openedAt: 1, sequence: 3, firstUnacknowledged: 3, operation: TEA },
        { sequence: 4, firstUnacknowledged: 3, operation: MILK },
        { sequence: 5, firstUnacknowledged: 3, operation: RICE },
      ],
    });
    stage.applied(2, 7, results(result("hot"), result("cold"), result("dry")));
    const cost = { messages: 14, sharedBy: 3 };
    const told = (text: string) => ({ kind: "written", slot: 7, result: text, token: 7, cost });
    expect(stage.replies.get(TEA)).toEqual(told("hot"));
    expect(stage.replies.get(MILK)).toEqual(told("cold"));
    expect(stage.replies.get(RICE)).toEqual(told("dry"));
  });

  test("are seen by the reads of the session that each names", () => {
    const stage = opened();
    stage.moment(() => {
      stage.write(TEA, "ann");
      stage.write(MILK, "bob");
    });
    stage.applied(2, 7, results(result("hot"), result("cold")));
    for (const label of ["ann", "bob"]) {
      stage.read(`of ${label}`, "session", label);
      expect(stage.letters.at(-1)?.message).toMatchObject({ type: "query", atLeast: 7 });
    }
  });

  test("end each as it did: one may be carried out, and the next one find no room", () => {
    const stage = together();
    stage.applied(2, 7, results(result("hot"), { kind: "window-exceeded" }, { kind: "superseded" }));
    expect(stage.replies.get(TEA)).toMatchObject({ kind: "written", result: "hot" });
    expect(stage.replies.get(MILK)).toEqual({ kind: "unknown" });
    expect(stage.replies.get(RICE)).toEqual({ kind: "unknown" });
  });

  test("are all told that their session has expired, and the next write opens one other session", () => {
    const stage = together();
    const expired = { kind: "session-expired" };
    stage.applied(2, 7, results(expired, expired, expired));
    for (const name of [TEA, MILK, RICE]) expect(stage.replies.get(name)).toEqual(expired);
    stage.write("w4");
    stage.write("w5");
    expect(stage.envelopes.slice(3)).toEqual([{ kind: "open-session", client: "client-2" }]);
  });

  test("are all refused if their value is, and their numbers are not missed", () => {
    const stage = together();
    stage.refused(2);
    for (const name of [TEA, MILK, RICE]) {
      expect(stage.replies.get(name)).toEqual({ kind: "refused", reason: "overloaded" });
    }
    stage.write("w4");
    expect(stage.envelopes[3]).toMatchObject({ kind: "command", sequence: 6, firstUnacknowledged: 6 });
  });

  test("are all unknown when their time is up, and their numbers are not waited for", () => {
    const stage = together();
    const [deadline = ""] = [...stage.timers.keys()].filter((timer) => timer.startsWith("deadline"));
    stage.fire(deadline);
    for (const name of [TEA, MILK, RICE]) expect(stage.replies.get(name)).toEqual({ kind: "unknown" });
    stage.write("w4");
    expect(stage.envelopes[3]).toMatchObject({ kind: "command", sequence: 6, firstUnacknowledged: 6 });
  });

  test.each<[string, object]>([
    ["too few", results(result("hot"), result("cold"))],
    ["too many", results(...[1, 2, 3, 4].map((number) => result(`${number}`)))],
    ["one for all", result("hot")],
    ["of another kind", { ...results(result("1"), result("2"), result("3")), kind: "opened" }],
    ["no list", { kind: "results", results: "hot" }],
    ["none, since the learner found no commands there", { kind: "not-a-command" }],
  ])("are unknown if the results do not fit them: %s", (_, applied) => {
    const stage = together();
    stage.applied(2, 7, applied);
    for (const name of [TEA, MILK, RICE]) expect(stage.replies.get(name)).toEqual({ kind: "unknown" });
    stage.write("w4");
    expect(stage.envelopes[3]).toMatchObject({ sequence: 6, firstUnacknowledged: 6 });
  });

  test("go apart if they have different times to wait", () => {
    const stage = opened();
    stage.moment(() => {
      stage.write(TEA);
      stage.write(MILK, null, null, 500);
    });
    expect(sequencesOf(stage)).toEqual([[2], [3], [4]]);
    const [, later] = [...stage.timers].filter(([timer]) => timer.startsWith("deadline"));
    expect(later?.[1]).toBe(500);
    stage.fire(later?.[0] ?? "");
    expect([...stage.replies.keys()]).toEqual(["w0", MILK]);
  });

  test("go apart, as if there were no groups, where nobody knows what they touch", () => {
    const stage = opened({ touches: undefined });
    stage.moment(() => {
      stage.write(TEA);
      stage.write(MILK);
    });
    const place = { client: "client-1", openedAt: 1, firstUnacknowledged: 3 };
    expect(stage.submitted.slice(2).map(({ value }) => value)).toEqual([
      encodeCommand({ ...place, sequence: 3, operation: TEA }),
      encodeCommand({ ...place, sequence: 4, operation: MILK }),
    ]);
  });

  test("and waited for the session to be opened go together", () => {
    const stage = new Stage({ touches });
    stage.moment(() => {
      for (const name of [TEA, MILK, RICE]) stage.write(name);
    });
    stage.opened();
    expect(sequencesOf(stage)).toEqual([[2, 3, 4]]);
  });

  test("share a slot in the client's own session, if its numbers follow each other, and only then", () => {
    const stage = opened();
    const own = (sequence: number) => ({ client: "robot", openedAt: 5, sequence, firstUnacknowledged: 3 });
    stage.moment(() => {
      for (const [sequence, key] of ["tea", "milk", "rice", "salt"].entries())
        stage.write(key, null, own(9 + sequence));
    });
    // Nothing is known of what these touch.
    expect(sequencesOf(stage).slice(1)).toEqual([[9], [10], [11], [12]]);
    stage.moment(() => {
      for (const sequence of [20, 21, 23, 24, 24]) stage.write(`${sequence}/${sequence}`, null, own(sequence));
    });
    expect(sequencesOf(stage).slice(5)).toEqual([[20, 21], [23, 24], [24]]);
    stage.applied(6, 30, results(result("one"), { kind: "session-expired" }));
    expect(stage.replies.get("20/20")).toMatchObject({ kind: "written", result: "one" });
    expect(stage.replies.get("21/21")).toEqual({ kind: "session-expired" });
    // That was the client's session, not the gateway's.
    stage.write("w9");
    expect(stage.envelopes.at(-1)).toMatchObject({ client: "client-1", sequence: 3 });
  });
});

describe("a gateway with more writes than its session has room for", () => {
  const many = (stage: Stage, count: number) =>
    stage.moment(() => {
      for (let number = 0; number < count; number++) stage.write(`m${number}/${number}`);
    });
  const done = (count: number) => results(...Array.from({ length: count }, () => result("done")));

  test("lets the others wait until some are answered, and then go together", () => {
    const stage = opened({ mostWaiting: 1000 });
    many(stage, 600);
    expect(sequencesOf(stage).map(({ length }) => length)).toEqual([1, 128, 128, 128, 128]);
    stage.applied(2, 7, done(128));
    stage.endMoment();
    expect(sequencesOf(stage).map(({ length }) => length)).toEqual([1, 128, 128, 128, 128, 88]);
    expect(stage.envelopes[6]).toHaveProperty("commands.0.firstUnacknowledged", 131);
    for (const place of [3, 4, 5]) stage.applied(place, place + 5, done(128));
    stage.applied(6, 11, done(88));
    expect(stage.replies.size).toBe(601);
    expect([...stage.replies.values()].every(({ kind }) => kind === "written")).toBe(true);
    expect([...stage.timers.keys()].filter((timer) => /moment|deadline/.test(timer))).toEqual([]);
  });

  test("answers all of them if it may ask for nothing more, and its moment ends", () => {
    const stage = opened({ mostWaiting: 1000, limits: { requests: 1 } });
    stage.read("r", "eventual");
    many(stage, 600);
    // Those that waited were numbered when the others were refused: they leave with a moment of their own.
    expect(stage.replies.size).toBe(513);
    stage.endMoment();
    expect(stage.replies.size).toBe(601);
    expect(stage.replies.get("m599/599")).toEqual({ kind: "refused", reason: "overloaded" });
    expect(stage.timers.has("moment")).toBe(false);
  });
});

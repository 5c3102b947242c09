import { describe, expect, test } from "vitest";
import { Stage } from "./gateway-stage.ts";

const RESULT = { kind: "result", result: "done" };

describe("a gateway's own session", () => {
  test("is opened by the first write, which waits for that; the next ones are numbered at once", () => {
    const stage = new Stage();
    stage.write("w1");
    stage.write("w2");
    expect(stage.envelopes).toEqual([{ kind: "open-session", client: "client-1" }]);
    stage.opened();
    stage.write("w3");
    expect(stage.envelopes.slice(1)).toMatchObject([
      { client: "client-1", openedAt: 1, sequence: 2, firstUnacknowledged: 2, operation: "w1" },
      { sequence: 3, firstUnacknowledged: 2, operation: "w2" },
      { sequence: 4, firstUnacknowledged: 2, operation: "w3" },
    ]);
  });

  test("acknowledges what is answered, up to the first that is not", () => {
    const stage = new Stage();
    stage.write("w1");
    stage.opened();
    for (const name of ["w2", "w3"]) stage.write(name);
    stage.applied(2, 11, RESULT);
    stage.write("w4");
    stage.applied(1, 10, RESULT);
    stage.write("w5");
    expect(stage.envelopes.slice(-2)).toMatchObject([
      { sequence: 5, firstUnacknowledged: 2 },
      { sequence: 6, firstUnacknowledged: 4 },
    ]);
  });

  test("that has expired is told as such, and the next write opens another one, under another name", () => {
    const stage = new Stage();
    stage.write("w1");
    stage.opened();
    stage.applied(1, 10, { kind: "session-expired" });
    expect(stage.replies.get("w1")).toEqual({ kind: "session-expired" });
    stage.write("w2");
    expect(stage.envelopes.at(-1)).toEqual({ kind: "open-session", client: "client-2" });
  });

  test("a write that waits for the opening when its time is up had certainly no effect", () => {
    const stage = new Stage();
    stage.write("w1");
    stage.fire("gateway deadline w1");
    expect(stage.replies.get("w1")).toEqual({ kind: "refused", reason: "no-leader" });
    stage.opened();
    stage.write("w2");
    // The opening may have happened: the session is used all the same.
    expect(stage.envelopes.at(-1)).toMatchObject({ kind: "command", sequence: 2, operation: "w2" });
  });

  test("more writes than may wait are refused", () => {
    const stage = new Stage({ mostWaiting: 2 });
    for (const name of ["w1", "w2", "w3"]) stage.write(name);
    expect([...stage.replies]).toEqual([["w3", { kind: "refused", reason: "overloaded" }]]);
  });
});

describe("a client's own session", () => {
  test("is opened for it, and its commands go as it numbered them", () => {
    const stage = new Stage();
    stage.openSession("o1", "robot");
    stage.applied(0, 5, { kind: "opened", openedAt: 5 });
    expect(stage.replies.get("o1")).toMatchObject({ kind: "written", result: { openedAt: 5 } });
    stage.write("w1", null, { client: "robot", openedAt: 5, sequence: 9, firstUnacknowledged: 3 });
    expect(stage.envelopes.at(-1)).toMatchObject({ client: "robot", openedAt: 5, sequence: 9, firstUnacknowledged: 3 });
    stage.applied(1, 6, RESULT);
    expect(stage.replies.get("w1")).toMatchObject({ kind: "written", slot: 6, result: "done" });
  });

  test.each([
    [{ kind: "superseded" }, { kind: "unknown" }],
    [{ kind: "window-exceeded" }, { kind: "unknown" }],
    [{ kind: "session-expired" }, { kind: "session-expired" }],
  ])("a command that came to %j is answered with %j", (result, reply) => {
    const stage = new Stage();
    stage.write("w1", null, { client: "robot", openedAt: 5, sequence: 9, firstUnacknowledged: 3 });
    stage.applied(0, 6, result);
    expect(stage.replies.get("w1")).toEqual(reply);
  });
});

describe("a gateway whose name somebody else used", () => {
  test("takes another one when a number that is still open is superseded", () => {
    const stage = new Stage();
    stage.write("w1");
    stage.opened();
    stage.applied(1, 10, { kind: "superseded" });
    expect(stage.replies.get("w1")).toEqual({ kind: "unknown" });
    stage.write("w2");
    expect(stage.envelopes.at(-1)).toEqual({ kind: "open-session", client: "client-2" });
  });
});

describe("the levels of reads", () => {
  const atLeast = (stage: Stage) => {
    const query = stage.letters.at(-1)?.message;
    return query?.type === "query" ? query.atLeast : null;
  };

  function written(label: string | null): Stage {
    const stage = new Stage();
    stage.write("w1", label);
    stage.opened();
    stage.applied(1, 42, RESULT);
    return stage;
  }

  test("an eventual read asks for nothing, a session read for what its session has written", () => {
    const stage = written("ann");
    stage.read("r1", "eventual", "ann");
    expect(atLeast(stage)).toBe(0);
    stage.read("r2", "session", "ann");
    expect(atLeast(stage)).toBe(42);
    stage.read("r3", "session", "bob");
    expect(atLeast(stage)).toBe(0);
  });

  test("a session read asks for what its session has read, at whatever level, and names the token", () => {
    const stage = new Stage();
    stage.read("r1", "eventual", "ann");
    stage.answered(17);
    expect(stage.replies.get("r1")).toMatchObject({ kind: "read", slot: 17, token: 17, learner: "l1" });
    stage.read("r2", "session", "ann");
    expect(atLeast(stage)).toBe(17);
  });

  test("a client that keeps its token itself is served by that", () => {
    const stage = written(null);
    stage.read("r1", "session", null, 99);
    expect(atLeast(stage)).toBe(99);
    stage.read("r2", "session", null, 3);
    expect(atLeast(stage)).toBe(3);
  });

  test("without label and token the session is the gateway's own", () => {
    const stage = written(null);
    stage.read("r1", "session");
    expect(atLeast(stage)).toBe(42);
  });

  test("a session that was forgotten among many others waits for what it may have seen", () => {
    const stage = written("ann");
    for (let other = 0; other < 10_000; other++) {
      stage.read(`r${other}`, "eventual", `label ${other}`);
      stage.answered(7);
    }
    stage.read("mine", "session", "ann");
    expect(atLeast(stage)).toBe(42);
  });

  test("a strong read asks the leader first", () => {
    const stage = written(null);
    stage.read("r1", "strong");
    expect(stage.letters.at(-1)).toMatchObject({ to: "p1", message: { type: "read-barrier" } });
  });
});

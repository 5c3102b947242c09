import { describe, expect, test } from "vitest";
import { around, LoneServer, RaftStage } from "./raft-stage.js";

// Diego Ongaro, "Consensus: Bridging Theory and Practice" (2014), chapter 4, rule by rule, paraphrased.

function change(stage: RaftStage, to: string, what: "add" | "remove", server: string): unknown {
  stage.letters = [];
  stage.tell("operator", to, { type: "change-membership", requestId: "m1", change: what, server });
  return stage.letters.find(({ to: whom }) => whom === "operator")?.message;
}

describe("§4.1 members change one at a time", () => {
  test("a server that is added gets the log first, then a vote", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.submit("r1", "x");
    stage.settle();
    stage.start("s4", []);
    change(stage, "s1", "add", "s4");
    expect(stage.raft("s1")).toMatchObject({ voters: ["s1", "s2", "s3"], nonVoters: ["s4"] });
    for (let count = 0; count < 5; count++) stage.beat("s1");
    expect(stage.raft("s4")).toMatchObject({ voters: ["s1", "s2", "s3", "s4"], nonVoters: [] });
    expect(stage.values("s4")).toEqual(["2:x"]);
  });

  test("the vote of a server that is being added does not count, nor its copies (§4.2.1)", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    stage.start("s4", []);
    change(stage, "s1", "add", "s4");
    stage.submit("r1", "x");
    stage.settle(around("s2", "s3"));
    expect(stage.outcome("r1")).toBeUndefined();
  });

  test("a server that never gets the log is given up, and the members are as before", () => {
    const stage = new RaftStage(["s1", "s2", "s3"], { catchUpRounds: 2 });
    stage.elect("s1");
    change(stage, "s1", "add", "s9");
    const answers: unknown[] = [];
    for (let count = 0; count < 40; count++) {
      stage.beat("s1", ({ to, message }) => {
        if (to === "operator") answers.push(message);
        return false;
      });
    }
    expect(answers).toMatchObject([{ type: "operator-answer", outcome: "not-caught-up" }]);
    expect(stage.raft("s1")).toMatchObject({ voters: ["s1", "s2", "s3"], nonVoters: [] });
  });

  test("no change is begun while another is not committed", () => {
    const stage = new RaftStage(["s1", "s2", "s3", "s4"]);
    stage.elect("s1");
    change(stage, "s1", "remove", "s4");
    expect(change(stage, "s1", "remove", "s3")).toMatchObject({ outcome: "busy" });
  });

  test("no change is begun before an entry of the own term is committed (the correction of 2015)", () => {
    const stage = new RaftStage();
    stage.elect("s1", ({ message }) => message.type === "append-entries");
    expect(change(stage, "s1", "remove", "s3")).toMatchObject({ outcome: "too-early" });
  });

  test.each([
    { what: "add", server: "s2", outcome: "already-member" },
    { what: "remove", server: "s9", outcome: "no-such-member" },
  ] as const)("$what of $server is refused: $outcome", ({ what, server, outcome }) => {
    const stage = new RaftStage();
    stage.elect("s1");
    expect(change(stage, "s1", what, server)).toMatchObject({ outcome });
    expect(change(stage, "s2", what, server)).toMatchObject({ outcome: "not-leader", leader: "s1" });
  });

  test("a leader that is removed leads until that is committed, then stands down (§4.2.2)", () => {
    const stage = new RaftStage();
    stage.elect("s1");
    change(stage, "s1", "remove", "s1");
    expect(stage.raft("s1").role).toBe("leader");
    stage.letters = [];
    stage.beat("s1");
    expect(stage.raft("s1").role).toBe("follower");
    stage.elect("s2");
    expect(stage.leaders()).toEqual(["s2"]);
    expect(stage.raft("s2").voters).toEqual(["s2", "s3"]);
  });

  test("the last voter is not removed", () => {
    const stage = new RaftStage(["s1"]);
    stage.elect("s1");
    expect(change(stage, "s1", "remove", "s1")).toMatchObject({ outcome: "last-member" });
  });

  test("entries that would change two voters at once, whoever sends them, are ignored and counted", () => {
    const server = new LoneServer("s1", ["s1", "s2", "s3"]);
    const entry = (...voters: string[]) => ({ term: 1, value: "", configuration: { voters, nonVoters: [] } });
    const append = (...entries: ReturnType<typeof entry>[]) =>
      server.hear("s2", {
        ...{ type: "append-entries", term: 1, leader: "s2", previousIndex: 0, previousTerm: 0 },
        ...{ entries, commitIndex: 0, sequence: 1 },
      });
    append(entry("s1", "s4", "s5"));
    append(entry("s1", "s2"), entry("s1", "s3"));
    expect(server.node.state).toMatchObject({ lastIndex: 0, voters: ["s1", "s2", "s3"], contradictions: 2 });
    append(entry("s1", "s2"), entry("s1"));
    expect(server.node.state).toMatchObject({ lastIndex: 2, voters: ["s1"], contradictions: 2 });
  });
});

import { type AppendEntries, type Configuration, NO_OP, type RaftEntry } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { LoneServer } from "./raft-stage.js";

// Whoever plays a leader by hand can say anything of its log. What no log of Raft can have is not written down: it would stop
// the server that has it as soon as that leads, or hears what a leader sends behind it, and again after each restart.

const VOTERS = ["s1", "s2", "s3"];

const members = (...voters: readonly string[]): RaftEntry => ({
  term: 5,
  value: NO_OP,
  configuration: { voters, nonVoters: [] },
});

function append(entries: readonly RaftEntry[], parts: Partial<AppendEntries> = {}): AppendEntries {
  const place = { previousIndex: 0, previousTerm: 0, entries, commitIndex: 0, sequence: 1 };
  return { type: "append-entries", term: 5, leader: "person", ...place, ...parts };
}

/** What a server has written, and counts as a contradiction, after this message. */
function afterHearing(server: LoneServer, message: AppendEntries) {
  const { writes } = server.hear("person", message);
  return { entries: writes.filter(({ kind }) => kind === "entries"), contradictions: server.node.state.contradictions };
}

describe("entries that no leader has", () => {
  test.each<[string, readonly RaftEntry[]]>([
    ["are of a term above the leader's", [{ term: 9, value: "x" }]],
    [
      "are of falling terms",
      [
        { term: 4, value: "x" },
        { term: 3, value: "y" },
      ],
    ],
    ["change two members at once", [members("s1")]],
    ["change two members, one after the other that goes unsaid", [members("s1", "s2"), members("s1", "s4")]],
    ["leave nobody to vote", [members()]],
    ["name a member twice, so that its copy would count for two", [members("s1", "s2", "s3", "s3")]],
  ])("that %s are not taken, and the server goes on", (_name, entries) => {
    const server = new LoneServer("s1", VOTERS);
    expect(afterHearing(server, append(entries))).toEqual({ entries: [], contradictions: 1 });
    const real = append([{ term: 6, value: "y" }], { term: 6, leader: "s2" });
    expect(afterHearing(server, real)).toMatchObject({ entries: [{ from: 1 }], contradictions: 1 });
  });

  test("that are of a term before the last one's are not taken", () => {
    const server = new LoneServer("s1", VOTERS);
    server.hear("person", append([{ term: 5, value: "x" }]));
    const behind = append([{ term: 4, value: "y" }], { previousIndex: 1, previousTerm: 5 });
    expect(afterHearing(server, behind)).toEqual({ entries: [], contradictions: 1 });
  });

  test("are compared with the members as of their place: a change that they take out does not count", () => {
    const server = new LoneServer("s1", VOTERS);
    server.hear("person", append([members("s1", "s2")]));
    const other = { ...members("s2", "s3"), term: 6 };
    expect(afterHearing(server, append([other], { term: 6, leader: "s2" })).contradictions).toBe(0);
    expect(server.node.state.voters).toEqual(["s2", "s3"]);
  });

  test("a server that knows of no members yet takes whatever it is told, and then one change at a time", () => {
    const server = new LoneServer("s4", []);
    expect(afterHearing(server, append([members("s1", "s2", "s3")])).contradictions).toBe(0);
    const two = append([members("s1")], { previousIndex: 1, previousTerm: 5 });
    expect(afterHearing(server, two)).toEqual({ entries: [], contradictions: 1 });
  });
});

describe("a snapshot that no leader has", () => {
  test.each<[string, number, Configuration]>([
    ["ends with a term above the leader's", 9, { voters: VOTERS, nonVoters: [] }],
    ["leaves nobody to vote", 5, { voters: [], nonVoters: [] }],
    ["names a member twice", 5, { voters: VOTERS, nonVoters: ["s1"] }],
  ])("since it %s is not taken", (_name, lastTerm, configuration) => {
    const server = new LoneServer("s1", VOTERS);
    const piece = { piece: 0, pieces: 1, text: "[]", sequence: 1 };
    const which = { lastIndex: 3, lastTerm, configuration };
    const { writes } = server.hear("person", {
      type: "install-snapshot",
      term: 5,
      leader: "person",
      ...which,
      ...piece,
    });
    expect(writes.some(({ kind }) => kind === "snapshot")).toBe(false);
    expect(server.node.state).toMatchObject({ contradictions: 1, appliedIndex: 0, voters: VOTERS });
  });
});

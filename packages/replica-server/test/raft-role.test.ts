import { rmSync } from "node:fs";
import { KeyValueStore, ReplicatedState } from "@synod/state-machines";
import { expect, test } from "vitest";
import { ClusterStage, RAFT, until } from "./cluster-stage.ts";

const SOLO = { solo: ["raft", "gateway"] } as const;

const FROM_THE_BEGINNING = { previousIndex: 0, previousTerm: 0, entries: [], commitIndex: 0, sequence: 1 };
const NO_LOG = { lastIndex: 0, lastTerm: 0, preVote: false, transfer: false };

test("a server gives one vote in a term, also across a restart, and says why it refuses", async () => {
  // The others are not there: it can ask whether it would be elected, and no term begins for that.
  const stage = await ClusterStage.started({ engine: "raft", shape: RAFT, without: ["node2", "node3"] });
  const vote = async (candidate: string, term: number, more = {}) => {
    const asked = { type: "request-vote", term, candidate, ...NO_LOG, ...more };
    return (await stage.ask("raft1", "POST /raft/request-vote", asked)).body;
  };
  expect(await vote("raft2", 5, { preVote: true })).toMatchObject({ refusal: null, preVote: true });
  expect(await vote("raft2", 5)).toEqual({ type: "vote", term: 5, voter: "raft1", preVote: false, refusal: null });
  expect(await vote("raft3", 5)).toMatchObject({ term: 5, refusal: "voted" });
  await stage.stop("node1");
  await stage.start("node1");
  expect(await vote("raft3", 5)).toMatchObject({ term: 5, refusal: "voted" });
  expect(await vote("raft3", 4)).toMatchObject({ term: 5, refusal: "old-term" });
  expect(await vote("raft3", 6)).toMatchObject({ term: 6, refusal: null });
  const state = (await stage.ask("raft1", "GET /raft/state")).body;
  expect(state).toMatchObject({ term: 6, voted_for: "raft3", is_leader: false, entries: [], followers: null });
});

test("a server takes entries that fit its log and tells where they do not; who says so of an old term is told", async () => {
  const stage = await ClusterStage.started({ engine: "raft", shape: RAFT, without: ["node2", "node3"] });
  const append = async (term: number, previousIndex: number, previousTerm: number, values: string[] = []) => {
    const entries = values.map((value) => ({ term, value }));
    const message = { type: "append-entries", term, leader: "raft2", previousIndex, previousTerm, entries };
    return (await stage.ask("raft1", "POST /raft/append-entries", { ...message, commitIndex: 0, sequence: 7 })).body;
  };
  expect(await append(3, 0, 0, ["a", "b"])).toMatchObject({ type: "appended", term: 3, matchIndex: 2, sequence: 7 });
  expect(await append(2, 0, 0)).toMatchObject({ term: 3, matchIndex: null, conflict: null });
  expect(await append(4, 9, 3)).toMatchObject({ matchIndex: null, conflict: { term: null, index: 3 } });
  expect(await append(4, 2, 2)).toMatchObject({ matchIndex: null, conflict: { term: 3, index: 1 } });
  expect(await append(4, 1, 3, ["c"])).toMatchObject({ matchIndex: 2 });
  const { entries } = (await stage.ask("raft1", "GET /raft/state?entries=1")).body;
  expect(entries).toEqual([{ index: 2, term: 4, value: "c" }]);
  const bad = await stage.ask("raft1", "POST /raft/append-entries", { type: "append-entries", term: 2 ** 53 });
  expect([bad.status, bad.body.code]).toEqual([400, "bad-request"]);
});

test("a message that contradicts itself is refused, and the server goes on as it was", async () => {
  const stage = await ClusterStage.started({ engine: "raft", shape: RAFT, without: ["node2", "node3"] });
  const of = { term: 3, leader: "raft2", sequence: 1 };
  const append = { type: "append-entries", ...of, previousIndex: 0, previousTerm: 0, commitIndex: 0 };
  const members = (...voters: string[]) => ({ configuration: { voters, nonVoters: ["raft3"] } });
  const piece = { type: "install-snapshot", ...of, lastIndex: 9, lastTerm: 3, piece: 0, pieces: 2, text: "" };
  const before = (await stage.ask("raft1", "GET /raft/state")).body;
  for (const [path, message] of [
    [
      "append-entries",
      {
        ...append,
        entries: [
          { term: 3, value: "a" },
          { term: 2, value: "b" },
        ],
      },
    ],
    ["append-entries", { ...append, previousTerm: 2, entries: [{ term: 1, value: "a" }] }],
    ["append-entries", { ...append, entries: [{ term: 4, value: "of a later leader" }] }],
    ["append-entries", { ...append, entries: [{ term: 3, value: "", ...members() }] }],
    ["append-entries", { ...append, entries: [{ term: 3, value: "", ...members("raft1", "raft1") }] }],
    ["append-entries", { ...append, entries: [{ term: 3, value: "", ...members("raft1", "raft3") }] }],
    ["install-snapshot", { ...piece, ...members("raft1"), lastTerm: 4 }],
    ["install-snapshot", { ...piece, ...members("raft1"), piece: 2 }],
    ["install-snapshot", { ...piece, ...members() }],
  ] as const) {
    const { status, body } = await stage.ask("raft1", `POST /raft/${path}`, message);
    expect([status, body.code]).toEqual([400, "bad-request"]);
  }
  expect((await stage.ask("raft1", "GET /raft/state")).body).toEqual(before);
  expect((await stage.ask("raft1", "GET /readyz")).status).toBe(200);
});

test("a snapshot that is the state of another entry is none: the server keeps its own, and goes on", async () => {
  const tuning = { host: { requestMs: 200 } };
  const stage = await ClusterStage.started({ engine: "raft", shape: RAFT, without: ["node2", "node3"], tuning });
  const state = new ReplicatedState(new KeyValueStore());
  for (let slot = 1; slot <= 9; slot++) state.apply(slot, "");
  const of = { term: 1, leader: "raft2", lastTerm: 1, configuration: { voters: ["raft1", "raft2"], nonVoters: [] } };
  const install = async (lastIndex: number) => {
    const pieces = state.snapshot();
    for (const [piece, text] of pieces.entries()) {
      const message = { type: "install-snapshot", ...of, lastIndex, piece, pieces: pieces.length, text, sequence: 1 };
      await stage.ask("raft1", "POST /raft/install-snapshot", message);
    }
    return (await stage.ask("raft1", "GET /raft/state")).body;
  };
  for (const lastIndex of [8, 10]) {
    expect(await install(lastIndex)).toMatchObject({ snapshot_index: 0, applied_index: 0 });
  }
  expect(await install(9)).toMatchObject({ snapshot_index: 9, applied_index: 9, contradictions: 2 });
  expect((await stage.ask("raft1", "GET /readyz")).status).toBe(200);
});

test("no message by hand uses up the terms: the cluster could never have a leader again", async () => {
  const stage = await ClusterStage.started({ engine: "raft", shape: SOLO });
  const of = { term: 2 ** 53 - 1, leader: "me" };
  for (const [path, message] of [
    ["request-vote", { type: "request-vote", term: of.term, candidate: "me", ...NO_LOG, transfer: true }],
    ["append-entries", { type: "append-entries", ...of, ...FROM_THE_BEGINNING }],
    ["timeout-now", { type: "timeout-now", ...of }],
  ] as const) {
    const { status, body } = await stage.ask("raft1", `POST /raft/${path}`, message);
    expect([status, body.code]).toEqual([409, "id-too-high"]);
  }
  expect((await stage.write("a", "1")).status).toBe(200);
});

test("where chaos is off nobody plays a server, and a cluster of one server serves all the same", async () => {
  const stage = await ClusterStage.started({ engine: "raft", shape: SOLO, chaos: false });
  expect((await stage.write("a", "1")).status).toBe(200);
  for (const [path, message] of [
    ["request-vote", { type: "request-vote", term: 9, candidate: "me", ...NO_LOG }],
    ["timeout-now", { type: "timeout-now", term: 1, leader: "me" }],
  ] as const) {
    const { status, body } = await stage.ask("raft1", `POST /raft/${path}`, message);
    expect([status, body.code]).toEqual([403, "by-hand-off"]);
  }
  expect((await stage.ask("raft1", "GET /status")).body).toMatchObject({ is_leader: true, term: 1, voters: ["raft1"] });
  await stage.stop("solo");
  rmSync(`${stage.folder}/solo/raft`, { recursive: true });
  await expect(stage.start("solo")).rejects.toThrow(/the vote and the log of raft1.*could break consensus/);
});

test("a server that is made without a vote gets one when it is added, and then its vote counts", async () => {
  const stage = await ClusterStage.started({ engine: "raft", shape: RAFT, voters: 2 });
  const status = async (name: string) => (await stage.ask(name, "GET /status")).body;
  expect((await stage.write("a", "1")).status).toBe(200);
  const leader = await stage.leader();
  const follower = leader === "raft1" ? "raft2" : "raft1";
  expect(await status("raft3")).toMatchObject({ voters: [], is_member: false, applied_index: 0 });
  const operate = async (path: string, asked: object) => {
    return (await stage.ask(leader, `POST /raft/${path}`, { requestId: "r", ...asked })).body;
  };
  const add = { type: "change-membership", change: "add", server: "raft3" };
  expect(await operate("members", add)).toMatchObject({ outcome: "done", leader });
  expect(await operate("members", add)).toMatchObject({ outcome: "already-member" });
  await until("it knows", async () => (await status("raft3")).is_member);
  const { raft_servers: servers } = await stage.status();
  expect(servers.map(({ is_voter }) => is_voter)).toEqual([true, true, true]);
  // Two of three are a majority: with the two that voted at first it would have taken both.
  await stage.stop(stage.server(follower).node);
  const gateway = stage.server(leader).node.replace("node", "gateway");
  expect((await stage.write("a", "2", gateway)).status).toBe(200);
  await until("raft3 has it", async () => (await stage.value("a", "eventual", "raft3")) === "2");
});

test("a leader hands the lead over to the server that is named", async () => {
  const stage = await ClusterStage.started({ engine: "raft", shape: RAFT });
  const leader = await stage.leader();
  const to = leader === "raft1" ? "raft2" : "raft1";
  await stage.write("a", "1");
  const asked = { type: "transfer-leadership", requestId: "r", to };
  expect((await stage.ask(to, "POST /raft/transfer", asked)).body).toMatchObject({ outcome: "not-leader" });
  expect((await stage.ask(leader, "POST /raft/transfer", asked)).body.outcome).toBe("done");
  await until(`${to} leads`, async () => (await stage.leader()) === to);
  expect((await stage.write("a", "2")).status).toBe(200);
});

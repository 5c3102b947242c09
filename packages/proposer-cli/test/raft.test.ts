import { describe, expect, test } from "vitest";
import { type Asked, type FakeAnswer, type FakeCluster, fakeCluster, healthyStatus, refusal } from "./fake-cluster.ts";
import { runCommand } from "./run-command.ts";

/** A cluster of five servers of Raft; by the path, what a server answers to anything but a look at its status. */
function raftCluster(answers: Readonly<Record<string, (name: string, asked: Asked) => FakeAnswer>> = {}) {
  return fakeCluster(
    (server, asked) => {
      const answer = answers[asked.path.split("?")[0] ?? ""];
      return answer ? answer(server.name, asked) : healthyStatus(server);
    },
    "kv",
    "raft",
  );
}

const raft = ({ home }: Pick<FakeCluster, "home">, ...words: string[]) =>
  runCommand("synod", ["raft", ...words, "--home", home]);

/** What a server was sent, of these. */
const sentTo = (cluster: FakeCluster, name: string, path: string) =>
  cluster.server(name).asked.filter((asked) => asked.path === path);

test("raft state prints what each server that answers says, by its name; exit 3 if none does", async () => {
  const cluster = await raftCluster({ "/raft/state": (name, { path }) => ({ body: { name, path } }) });
  await cluster.server("raft3").close();
  const { exitCode, stdout, stderr } = await raft(cluster, "state", "2", "raft3", "node4", "--entries", "3");
  expect(exitCode).toBe(0);
  const path = "/raft/state?entries=3";
  expect(JSON.parse(stdout)).toEqual({ raft2: { name: "raft2", path }, raft4: { name: "raft4", path } });
  expect(stderr).toContain("raft3: ");
  const nobody = await raft(cluster, "state", "3");
  expect([nobody.exitCode, nobody.stdout]).toEqual([3, ""]);
  expect(nobody.stderr).toContain("To start: synod cluster recover node3");
});

test("raft request-vote sends the message as it was typed, and says who grants it and why others refuse", async () => {
  const cluster = await raftCluster({
    "/raft/request-vote": (voter) => {
      const refusal = voter === "raft2" ? null : "voted";
      return { body: { type: "vote", term: 9, voter, preVote: false, refusal } };
    },
  });
  const words = ["--to", "2", "3", "--term", "9", "--candidate", "a\u001bb", "--last-index", "7", "--last-term", "8"];
  const { exitCode, stdout } = await raft(cluster, "request-vote", ...words, "--transfer");
  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    "raft2: votes for a\\u001bb in term 9\n" +
      "raft3: refuses (voted): it gave its vote of this term to another; it is in term 9\n",
  );
  const [sent] = sentTo(cluster, "raft2", "/raft/request-vote");
  expect(sent?.headers).not.toHaveProperty("synod-from");
  expect(sent?.body).toEqual({
    ...{ type: "request-vote", term: 9, candidate: "a\u001bb", lastIndex: 7, lastTerm: 8 },
    ...{ preVote: false, transfer: true },
  });
  expect((await raft(cluster, "request-vote", "--to", "3", "--term", "9")).exitCode).toBe(4);
  const document = JSON.parse((await raft(cluster, "request-vote", ...words, "--json")).stdout);
  expect(document).toMatchObject({ grantedBy: ["raft2"], answers: [{ server: "raft2" }, { server: "raft3" }] });
});

test.each([
  [{ term: 3, matchIndex: 4, conflict: null }, 0, "takes it: its log is the sender's up to entry 4"],
  [{ term: 5, matchIndex: null, conflict: null }, 4, "refuses: it is in term 5, and term 3 is over"],
  [
    { term: 3, matchIndex: null, conflict: { term: null, index: 2 } },
    4,
    "it has no entry 7; entry 2 would be its next",
  ],
  [{ term: 3, matchIndex: null, conflict: { term: 1, index: 6 } }, 4, "its entry 7 is of term 1, as are all from 6 on"],
])("raft append-entries that is answered with %j ends with %i, and says what that means", async (more, code, says) => {
  const cluster = await raftCluster({
    "/raft/append-entries": (follower) => {
      return { body: { type: "appended", follower, sequence: 0, previousIndex: 7, ...more } };
    },
  });
  const words = ["--to", "1", "--term", "3", "--leader", "raft5", "--previous-index", "7", "--previous-term", "2"];
  const { exitCode, stdout } = await raft(cluster, "append-entries", ...words, "--value", "x", "--value", "");
  expect([exitCode, stdout]).toEqual([code, expect.stringContaining(says)]);
  expect(sentTo(cluster, "raft1", "/raft/append-entries")[0]?.body).toEqual({
    ...{ type: "append-entries", term: 3, leader: "raft5", previousIndex: 7, previousTerm: 2, commitIndex: 0 },
    entries: ["x", ""].map((value) => ({ term: 3, value })),
    sequence: 0,
  });
});

test("a server that runs and says nothing is told from one that is down, and why it may say nothing", async () => {
  const cluster = await raftCluster({ "/raft/append-entries": () => () => {} });
  const words = ["--to", "1", "--term", "3", "--timeout", "50ms"];
  const { exitCode, stdout, stderr } = await raft(cluster, "append-entries", ...words);
  expect(exitCode).toBe(3);
  expect(stdout).toContain("it says nothing where it knows another leader of term 3\n");
  expect(stderr).toContain("synod cluster status says what runs");
});

test("where nobody may play a server, the server's own words say so: exit 1", async () => {
  const cluster = await raftCluster({ "/raft/request-vote": () => refusal("by-hand-off", "it hears servers alone") });
  const { exitCode, stderr } = await raft(cluster, "request-vote", "--to", "1", "--term", "9");
  expect([exitCode, stderr]).toEqual([1, "synod: raft1 refuses: it hears servers alone\n"]);
});

test.each([
  ["done", 0, ""],
  ["busy", 4, "another change, or a transfer, is under way"],
  ["too-early", 4, "has committed nothing of its term yet"],
  ["not-caught-up", 4, "did not get the log in time"],
  ["given-up", 7, "it may yet happen"],
  ["another-leads", 4, "the lead was lost meanwhile, and to another server"],
  ["no-such-member", 2, "no member of the cluster"],
  ["last-member", 2, "the only member that votes"],
])("a change of the members is asked of the leader; %s ends with %i", async (outcome, code, says) => {
  const cluster = await raftCluster({
    "/raft/members": (_name, { body }) => {
      const { requestId } = body as { requestId: string };
      return { body: { type: "operator-answer", requestId, outcome, leader: "raft1" } };
    },
  });
  const { exitCode, stderr } = await raft(cluster, "member", "remove", "raft5");
  expect([exitCode, stderr]).toEqual([code, expect.stringContaining(says)]);
  const [sent, ...more] = [...cluster.servers.keys()].flatMap((name) => sentTo(cluster, name, "/raft/members"));
  expect([sent?.body, more]).toEqual([expect.objectContaining({ change: "remove", server: "raft5" }), []]);
  expect(sentTo(cluster, "raft1", "/raft/members")).toHaveLength(1);
});

test("a transfer says who leads then; where nobody leads to begin with it says why: exit 4", async () => {
  let isLeaderless = false;
  const cluster = await fakeCluster(
    (server, { path }) => {
      const status = healthyStatus(server) as { readonly body: object };
      if (path === "/raft/transfer") return { body: { type: "operator-answer", outcome: "done", leader: null } };
      const state = isLeaderless ? { is_leader: false, state: "FOLLOWER" } : {};
      return server.role === "raft" ? { body: { ...status.body, ...state } } : status;
    },
    "kv",
    "raft",
  );
  const led = await raft(cluster, "transfer", "1");
  expect([led.exitCode, led.stdout]).toEqual([0, "raft1 leads in term 3\n"]);
  isLeaderless = true;
  const { exitCode, stderr } = await raft(cluster, "transfer", "2");
  expect([exitCode, stderr]).toEqual([4, expect.stringContaining("Nobody leads (term 3).")]);
});

test.each([
  [["state", "raft9"], "there is no server of Raft raft9"],
  [["request-vote", "--to", "1"], "term"],
  [["request-vote", "--to", "--term", "9"], "--to names no server"],
  [["append-entries", "--to", "", "--term", "9"], "--to names no server"],
  [["request-vote", "--to", "1", "--term", "9007199254740991"], "--term must be a whole number 0..9007199254740990"],
  [["append-entries", "--to", "1", "--term", "1", "--previous-index", "-1"], "--previous-index"],
  [["member", "ad", "1"], '--change must be one of "add", "remove"'],
  [["transfer", "1,2"], "name one server"],
])("raft %j is a mistake, and nothing is sent", async (words, says) => {
  const cluster = await raftCluster();
  const { exitCode, stderr } = await raft(cluster, ...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(says)]);
  expect([...cluster.servers.values()].flatMap(({ asked }) => asked)).toEqual([]);
});

test("a cluster on Paxos has no servers of Raft: exit 2, with what has", async () => {
  const cluster = await fakeCluster(healthyStatus);
  const { exitCode, stderr } = await raft(cluster, "state");
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("runs on paxos, and has no servers of Raft")]);
});

test("synod get-state says that a cluster on Raft has no acceptors, and what speaks to it", async () => {
  const cluster = await raftCluster();
  const { exitCode, stderr } = await runCommand("synod", ["get-state", "--home", cluster.home]);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining("runs on raft, and has no acceptors: synod raft state"),
  ]);
});

describe("synod explain on a cluster on Raft", () => {
  const VOTERS = ["raft1", "raft2", "raft3", "raft4", "raft5"];

  /** What `/raft/state` says of a server with one entry of its term. */
  function stateOf(name: string, more: object = {}) {
    const log = { last_index: 1, last_term: 1, commit_index: 1, entries: [{ index: 1, term: 1, value: "x" }] };
    return { name, term: 1, voted_for: "raft1", state: "FOLLOWER", voters: VOTERS, ...log, ...more };
  }

  async function explained(more: (name: string) => object | null, ...words: string[]) {
    const cluster = await raftCluster({ "/raft/state": (name) => ({ body: stateOf(name, more(name) ?? {}) }) });
    for (const name of VOTERS) if (more(name) === null) await cluster.server(name).close();
    return runCommand("synod", ["explain", "--home", cluster.home, ...words]);
  }

  test("says who leads with whose votes, and who could be elected next", async () => {
    const { exitCode, stdout } = await explained((name) => {
      if (name === "raft5") return null;
      if (name === "raft4") return { last_index: 0, last_term: 0, entries: [] };
      return name === "raft1" ? { state: "LEADER", is_leader: true } : {};
    });
    expect([exitCode, stdout.split("\n")]).toEqual([
      0,
      [
        "5 voters, majority 3; the latest term is 1; committed through entry 1:",
        "  raft1: voted for raft1, its log ends with entry 1 of term 1",
        "  raft2: voted for raft1, its log ends with entry 1 of term 1",
        "  raft3: voted for raft1, its log ends with entry 1 of term 1",
        "  raft4: voted for raft1, its log is empty",
        "  raft5: no response",
        "",
        "LED: raft1 leads.",
        "  Because raft1, raft2, raft3, raft4 voted for it in term 1; 3 votes are needed, and who voted has no second vote in that term.",
        "",
        "If one of them stood now, and all that answer heard it:",
        "  raft1 would win, with 4 votes of 3 needed",
        "  raft2 would win, with 4 votes of 3 needed",
        "  raft3 would win, with 4 votes of 3 needed",
        "  raft4 would not: 1 vote of 3 needed; the logs of raft1, raft2, raft3 are ahead of its own",
        "",
      ],
    ]);
  });

  test("says why there is none: exit 0, since nothing is broken; nobody reachable is 3", async () => {
    const few = (name: string) => (name < "raft3" ? { voted_for: null } : null);
    const { exitCode, stdout } = await explained(few, "--json");
    const document = { verdict: "no-quorum", leader: null, unreachable: ["raft3", "raft4", "raft5"] };
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining(document)]);
    expect((await explained(few)).stdout).toContain("Because 2 of 5 voters answer, and 3 votes are needed.");
    expect((await explained(() => null)).exitCode).toBe(3);
  });

  test("two leaders in one term are no run of Raft: exit 6", async () => {
    const { exitCode, stdout } = await explained((name) => (name < "raft3" ? { state: "LEADER" } : {}));
    expect([exitCode, stdout]).toEqual([
      6,
      expect.stringContaining("two servers lead in one term: raft1 and raft2, term 1"),
    ]);
  });

  test("an instance is for acceptors: exit 2, with what shows entries", async () => {
    const { exitCode, stderr } = await explained(() => ({}), "--instance", "2");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("synod raft state --entries 1000")]);
  });
});

import type { GatewayStatusReply, NodesReply, Role } from "@synod/api";
import { describe, expect, test } from "vitest";
import { clusterView } from "../src/words/cluster-view.ts";
import { noticesOf } from "../src/words/notices.ts";
import { roleInWords } from "../src/words/role-words.ts";

const ROLES = ["acceptor1", "acceptor2", "acceptor3", "proposer1", "learner1", "gateway1"] as const;

interface Scene {
  readonly down?: readonly string[];
  readonly unheard?: readonly string[];
  readonly faults?: Readonly<Record<string, string>>;
  readonly quorum?: boolean;
  readonly leads?: boolean;
  readonly noOperator?: string;
}

/** What a gateway tells of a cluster of one process a role. */
function seen({ down = [], unheard = [], faults = {}, quorum = true, leads = true, noOperator }: Scene) {
  const nodes = ROLES.map((name) => ({
    name,
    roles: [{ name, role: name.slice(0, -1) as Role, address: "127.0.0.1:1" }],
    answers: !down.includes(name),
    faults: faults[name] ? [{ id: 1, text: faults[name], endsInMs: null, actsHere: true }] : [],
  }));
  const isUp = (name: string) => !down.includes(name) && !unheard.includes(name);
  const fact = (name: string, more: object) => ({ name, node: name, address: "127.0.0.1:1", up: isUp(name), ...more });
  const status = {
    leader: leads ? "proposer1" : null,
    quorum,
    acceptors: ROLES.slice(0, 3).map((name) => fact(name, { promisedId: 17, decided: 40 })),
    proposers: [fact("proposer1", { state: "LEADER", proposal_id: 17, decided_through: 43, quorum })],
    learners: [fact("learner1", { last_applied: 41, highest_seen: 42, keys: 3 })],
    advice: [],
  } as unknown as GatewayStatusReply;
  const reply: NodesReply = {
    ...{ cluster: "kv", self: "gateway1", chaos: true, nodes },
    operator: { available: noOperator === undefined, reason: noOperator ?? null },
  };
  return clusterView(status, reply);
}

function healthOf(name: string, scene: Scene): string | undefined {
  return seen(scene).nodes.find((node) => node.name === name)?.health.word;
}

test("a server says how much it holds of what runs on it: keys, or accounts and messages", () => {
  const labels = (more: object) => {
    const facts = roleInWords({ name: "learner1", role: "learner", up: true, ...more });
    return facts.map(({ label, value }) => `${label} ${value}`);
  };
  expect(labels({ keys: 3 })).toContain("keys 3");
  expect(labels({ keys: 3 }).join()).not.toContain("accounts");
  expect(labels({ accounts: 2, messages: 0 })).toEqual(expect.arrayContaining(["accounts 2", "messages 0"]));
  expect(labels({ accounts: 2, messages: 0 }).join()).not.toContain("keys");
});

describe("how a node is", () => {
  test("up; down if its process does not answer, whatever else is the matter", () => {
    expect(healthOf("acceptor1", {})).toBe("up");
    expect(healthOf("acceptor1", { down: ["acceptor1"], faults: { acceptor2: "cut acceptor2>acceptor1" } })).toBe(
      "down",
    );
  });

  test("paused and cut on purpose, the node at the other end of the link, too", () => {
    expect(healthOf("acceptor1", { faults: { acceptor1: "pause acceptor1" }, unheard: ["acceptor1"] })).toBe("paused");
    const faults = { acceptor1: "cut acceptor1>proposer1" };
    expect([healthOf("acceptor1", { faults }), healthOf("proposer1", { faults })]).toEqual(["cut", "cut"]);
    expect(healthOf("acceptor2", { faults })).toBe("up");
    expect(healthOf("acceptor1", { faults: { acceptor1: "slow-disk acceptor1 by 5ms" } })).toBe("faulty");
  });

  test("not heard, if its process lives and the gateway hears nothing of it", () => {
    expect(healthOf("learner1", { unheard: ["learner1"] })).toBe("not heard");
  });
});

test("what is decided is the highest slot that anybody knows of, and a learner's progress is measured by it", () => {
  const view = seen({});
  expect(view.decided).toBe(43);
  const learner = view.nodes.find(({ name }) => name === "learner1")?.roles[0];
  expect(learner?.progress).toEqual({ applied: 41, decided: 43 });
});

test("while the gateway says nothing of the others, the nodes are there all the same", () => {
  const { nodes } = seen({});
  const reply: NodesReply = {
    ...{ cluster: "kv", self: "gateway1", chaos: true, operator: { available: true, reason: null } },
    nodes: nodes.map(({ name }) => ({ name, roles: [], answers: true, faults: [] })),
  };
  expect(clusterView(null, reply).nodes.map(({ health }) => health.word)).toEqual(ROLES.map(() => "up"));
});

describe("what is said of a cluster", () => {
  test("nothing, if all is well", () => {
    expect(noticesOf(seen({}))).toEqual([]);
  });

  test("what is down, and how to bring it back from where one is", () => {
    expect(noticesOf(seen({ down: ["acceptor1"] }))).toEqual([
      "Down: acceptor1. Recover brings back what is down, with the state it had.",
    ]);
    expect(noticesOf(seen({ down: ["acceptor1"], noOperator: "nobody" }))[0]).toContain(
      "synod cluster recover acceptor1",
    );
  });

  test("that nothing can be decided: without a majority, or with a leader that hears none", () => {
    const [few] = noticesOf(seen({ down: ["acceptor1", "acceptor2"], quorum: false }));
    expect(few).toBe("1 of 3 acceptors answer, and 2 are needed: nothing can be decided.");
    const [deaf] = noticesOf(seen({ quorum: false, faults: { proposer1: "cut proposer1>*" } }));
    expect(deaf).toBe("proposer1 leads, but hears no majority of the acceptors: nothing can be decided.");
  });

  test("that nobody leads: whether one will, or nobody can", () => {
    expect(noticesOf(seen({ leads: false }))[0]).toMatch(/^Nobody leads yet/);
    expect(noticesOf(seen({ leads: false, down: ["proposer1"] }))[0]).toBe(
      "No proposer answers: nothing can be written.",
    );
    expect(noticesOf(seen({ leads: false, down: ["acceptor1", "acceptor2"] }))[1]).toMatch(
      /nobody can without a majority/,
    );
  });

  test("that nothing can be read, where no learner answers; and only that it is paused, where the page's own node is", () => {
    expect(noticesOf(seen({ down: ["learner1"] }))[0]).toMatch(/^No learner answers/);
    const paused = noticesOf(seen({ faults: { gateway1: "pause gateway1" }, leads: false }));
    expect(paused).toEqual(["gateway1, which serves this page, is paused: it answers nothing until it is resumed."]);
  });
});

describe("a cluster on Raft", () => {
  /** Three servers, of which raft3 has no vote and lags. */
  const raft = (leader: string | null) => {
    const names = ["raft1", "raft2", "raft3"];
    const nodes = names.map((name) => ({
      name: name.replace("raft", "node"),
      roles: [{ name, role: "raft" as const, address: "127.0.0.1:1" }],
      answers: name !== "raft2" || leader !== null,
      faults: [],
    }));
    const servers = names.map((name, place) => ({
      ...{ name, node: name, address: "127.0.0.1:1", up: name !== "raft2" || leader !== null },
      ...{ term: 7, commit_index: 40, applied_index: 40 - place, is_voter: name !== "raft3" },
      ...{ state: name === leader ? "LEADER" : "FOLLOWER", leader_id: leader },
    }));
    const status = {
      leader,
      quorum: leader !== null,
      acceptors: [],
      proposers: [],
      learners: [],
      raft_servers: servers,
    };
    const operator = { available: true, reason: null };
    const reply: NodesReply = { cluster: "kv", self: "node1", chaos: true, nodes, operator };
    return clusterView(status as unknown as GatewayStatusReply, reply);
  };

  test("counts its voters, marks its leader, and shows how far each server is", () => {
    const view = raft("raft1");
    expect(view).toMatchObject({ deciders: "voters", acceptorsUp: 2, acceptorCount: 2, decided: 40, leader: "raft1" });
    const [first, , third] = view.nodes.map(({ roles }) => roles[0]);
    expect([first?.leads, third?.leads]).toEqual([true, false]);
    expect(third?.progress).toEqual({ applied: 38, decided: 40 });
    expect(third?.facts.map(({ label, value }) => `${label} ${value}`)).toEqual([
      ...["state follows raft1", "term 7", "committed slot 40", "applied slot 38"],
      "vote none: it is no member that votes",
    ]);
    expect(noticesOf(view)).toEqual([]);
  });

  test("without a majority of its voters says so, in its words", () => {
    const notices = noticesOf(raft(null));
    expect(notices.slice(0, 2)).toEqual([
      "1 of 2 voters answer, and 2 are needed: nothing can be decided.",
      "Nobody leads, and nobody can without a majority of the voters.",
    ]);
  });
});

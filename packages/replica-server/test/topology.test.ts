import { ENGINES, ROLES_OF, type Topology } from "@synod/api";
import { isPreset, PRESETS, preset, printTopology, TopologyError } from "@synod/replica-server/topology";
import { readTopology } from "@synod/replica-server/topology/read-yaml";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** A topology that is right, with these lines for its nodes. */
function withNodes(...lines: string[]): string {
  return ["name: kv", "nodes:", ...lines.map((line) => `  ${line}`), ""].join("\n");
}

const SMALLEST = [
  "a: { acceptor: 127.0.0.1:5001 }",
  "p: { proposer: 127.0.0.1:6001 }",
  "l: { learner: 127.0.0.1:7001 }",
];

/** What is said to be wrong with this file. */
function problemsOf(text: string): readonly string[] {
  try {
    readTopology(text, "own.yaml");
  } catch (error) {
    if (error instanceof TopologyError) return error.problems;
    throw error;
  }
  return [];
}

function namesIn({ nodes }: Topology): string[] {
  return nodes.flatMap(({ roles }) => roles.map(({ node, name }) => `${node}:${name}`));
}

describe("the presets", () => {
  test("kv is eight processes, one a role, on the ports that each role has", () => {
    const topology = preset("kv");
    expect(namesIn(topology)).toEqual([
      ...["acceptor1:acceptor1", "acceptor2:acceptor2", "acceptor3:acceptor3", "proposer1:proposer1"],
      ...["proposer2:proposer2", "learner1:learner1", "learner2:learner2", "gateway:gateway1"],
    ]);
    const ports = topology.nodes.flatMap(({ roles }) => roles.map(({ address }) => address.port));
    expect(ports).toEqual([5001, 5002, 5003, 6001, 6002, 7001, 7002, 8000]);
    expect(topology.chaos).toBe(true);
  });

  test("kv-compact is three nodes, each with all four roles", () => {
    const { nodes } = preset("kv-compact");
    const roles = ROLES_OF.paxos;
    expect(nodes.map((node) => node.roles.map(({ role }) => role))).toEqual([roles, roles, roles]);
    expect(nodes[2]?.roles.map(({ name }) => name)).toEqual(["acceptor3", "proposer3", "learner3", "gateway3"]);
  });

  test("on Raft each node is a server and a gateway, as many as one says, and all of them vote at first", () => {
    const places = ({ nodes }: Topology) =>
      nodes.map(({ name, roles }) => [name, ...roles.map((one) => `${one.name}:${one.address.port}`)].join(" "));
    const kv = preset("kv", { engine: "raft" });
    expect([kv.engine, kv.voters, kv.nodes.length]).toEqual(["raft", 5, 5]);
    expect(places(kv)[4]).toBe("node5 raft5:9005 gateway5:8004");
    expect(places(preset("kv", { engine: "raft", servers: 7 }))).toHaveLength(7);
    expect(places(preset("kv-compact", { engine: "raft" }))).toHaveLength(3);
    expect(places(preset("ledger", { engine: "raft" }))[0]).toBe("server1 raft1:9101 gateway1:8101");
    const ports = [...preset("kv", { engine: "raft", servers: 99 }).nodes].flatMap(({ roles }) =>
      roles.map(({ address }) => address.port),
    );
    expect(new Set(ports).size).toBe(198);
  });

  test("an offset moves every port, and one that leads beyond the last port is refused", () => {
    expect(preset("kv", { portOffset: 100 }).nodes[7]?.roles[0]?.address.port).toBe(8100);
    expect(() => preset("kv", { portOffset: 60_000 })).toThrow(TopologyError);
  });

  test("only their names are names of presets", () => {
    expect(Object.keys(PRESETS).every(isPreset)).toBe(true);
    expect(isPreset("toString")).toBe(false);
  });

  test.each(["kv", "kv-compact"] as const)("%s is printed as a file that reads back as the same", (name) => {
    for (const engine of ENGINES) {
      const topology = preset(name, { cluster: "another", engine });
      expect(readTopology(printTopology(topology), "printed")).toEqual(topology);
    }
  });
});

describe("a topology file", () => {
  test("needs a name and nodes alone; it is a key-value store on Paxos", () => {
    const topology = readTopology(withNodes(...SMALLEST), "own.yaml");
    expect(topology).toMatchObject({ name: "kv", application: "key-value", engine: "paxos", chaos: true });
  });

  test("lets nobody break it on purpose where other machines reach it, unless it says so", () => {
    const open = ["a: { acceptor: 10.0.0.1:5001 }", ...SMALLEST.slice(1)];
    expect(readTopology(withNodes(...open), "own.yaml").chaos).toBe(false);
    expect(readTopology(`${withNodes(...open)}chaos: true\n`, "own.yaml").chaos).toBe(true);
  });

  test("numbers the servers of each role in the order in which it names them", () => {
    const topology = readTopology(
      withNodes("late: { acceptor: 127.0.0.1:1, learner: 127.0.0.1:2 }", ...SMALLEST, "b: { acceptor: 127.0.0.1:3 }"),
      "own.yaml",
    );
    expect(namesIn(topology)).toEqual([
      "late:acceptor1",
      "late:learner1",
      "a:acceptor2",
      "p:proposer1",
      "l:learner2",
      "b:acceptor3",
    ]);
  });

  test("is printed so that any names read back as the same", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,8}[A-Za-z0-9_])?$/), {
      minLength: 3,
      maxLength: 6,
    });
    fc.assert(
      fc.property(names, fc.boolean(), (chosen, chaos) => {
        const usable = chosen.filter((name) => !["at", "for", "by", "losing", "keeping"].includes(name.toLowerCase()));
        fc.pre(usable.length >= 3);
        const roles = ["acceptor", "proposer", "learner", "gateway"] as const;
        const nodes = usable.map((name, position) => ({
          name,
          roles: [
            {
              role: roles[position % 4] ?? "acceptor",
              number: Math.floor(position / 4) + 1,
              name: `${roles[position % 4]}${Math.floor(position / 4) + 1}`,
              node: name,
              address: { host: position % 2 ? "::1" : "localhost", port: position + 1 },
            },
          ],
        }));
        // Names that are whole numbers come first in any object: their order is not that of a file.
        fc.pre(usable.every((name) => !/^\d+$/.test(name)));
        const topology: Topology = { name: usable[0] ?? "kv", application: "key-value", engine: "paxos", chaos, nodes };
        expect(readTopology(printTopology(topology), "printed")).toEqual(topology);
      }),
    );
  });
});

describe("what is wrong with a topology file is told with its line", () => {
  test.each([
    { what: "no YAML", text: "name: kv\nnodes: {", says: /^own\.yaml:\d: / },
    { what: "no map", text: "- kv\n", says: /^own\.yaml:1: a topology has the fields/ },
    { what: "an empty file", text: "", says: /^own\.yaml:1: a topology has the fields/ },
    {
      what: "an unknown field",
      text: `${withNodes(...SMALLEST)}size: 3\n`,
      says: /^own\.yaml:6: size: there is no such field/,
    },
    {
      what: "no name",
      text: "nodes:\n  a: { acceptor: 127.0.0.1:1 }\n",
      says: /^own\.yaml:1: name: the cluster's name is 1 to 64/,
    },
    { what: "a name that is no folder", text: "name: ../up\n", says: /^own\.yaml:1: name: / },
    {
      what: "another engine",
      text: `${withNodes(...SMALLEST)}engine: zab\n`,
      says: /^own\.yaml:6: engine: there is "paxos" and "raft"/,
    },
    {
      what: "a role that the engine has not",
      text: `${withNodes(...SMALLEST)}engine: raft\n`,
      says: /^own\.yaml:3: nodes\.\w+\.acceptor: there is no such role under engine: raft; there is raft, gateway$/m,
    },
    {
      what: "Raft's role on Paxos",
      text: withNodes(...SMALLEST, "r: { raft: 127.0.0.1:9 }"),
      says: /^own\.yaml:6: nodes\.r\.raft: there is no such role under engine: paxos/,
    },
    {
      what: "Raft without a server of it",
      text: `${withNodes("a: { gateway: 127.0.0.1:1 }")}engine: raft\n`,
      says: /none of them is a server of Raft \(raft\), and a cluster needs one/,
    },
    {
      what: "more voters than servers",
      text: `${withNodes("a: { raft: 127.0.0.1:1 }")}engine: raft\nvoters: 2\n`,
      says: /^own\.yaml:5: voters: a whole number 1\.\.1: so many of the Raft servers/,
    },
    {
      what: "voters on Paxos",
      text: `${withNodes(...SMALLEST)}voters: 3\n`,
      says: /^own\.yaml:6: voters: this is for Raft alone/,
    },
    {
      what: "another application",
      text: `${withNodes(...SMALLEST)}application: wiki\n`,
      says: /application: there is "key-value", "ledger" and "chat"/,
    },
    {
      what: "chaos that is no truth",
      text: `${withNodes(...SMALLEST)}chaos: perhaps\n`,
      says: /^own\.yaml:6: chaos: true or false/,
    },
    {
      what: "a duplicate node",
      text: withNodes(...SMALLEST, "a: { acceptor: 127.0.0.1:9 }"),
      says: /^own\.yaml:6: Map keys must be unique/,
    },
    {
      what: "a node's bad name",
      text: withNodes(...SMALLEST, "a/b: { acceptor: 127.0.0.1:9 }"),
      says: /^own\.yaml:6: nodes\.a\/b: a node's name/,
    },
    {
      what: "a word of the fault language as a name",
      text: withNodes(...SMALLEST, "for: { acceptor: 127.0.0.1:9 }"),
      says: /^own\.yaml:6: nodes\.for: /,
    },
    {
      what: "an unknown role",
      text: withNodes(...SMALLEST, "b: { acceptr: 127.0.0.1:9 }"),
      says: /^own\.yaml:6: nodes\.b\.acceptr: there is no such role; there is acceptor, /,
    },
    {
      what: "a node that is nothing",
      text: withNodes(...SMALLEST, "b:"),
      says: /^own\.yaml:6: nodes\.b: say what it is/,
    },
    {
      what: "a bad address",
      text: withNodes(...SMALLEST, "b:", "  acceptor: here"),
      says: /^own\.yaml:7: nodes\.b\.acceptor: "here" is not an address/,
    },
    {
      what: "an address that two share",
      text: withNodes(...SMALLEST, "b: { acceptor: 127.0.0.1:7001 }"),
      says: /^own\.yaml:6: nodes\.b\.acceptor: 127\.0\.0\.1:7001 is the address of l's learner/,
    },
  ])("$what", ({ text, says }) => {
    expect(problemsOf(text).join("\n")).toMatch(says);
  });

  test.each(["acceptor", "proposer", "learner"])("no %s", (role) => {
    const others = SMALLEST.filter((line) => !line.includes(role));
    expect(problemsOf(withNodes(...others))).toEqual([
      `own.yaml:2: nodes: none of them is a ${role}, and a cluster needs one`,
    ]);
  });

  test("more proposers than ids have room for", () => {
    const many = Array.from({ length: 15 }, (_, i) => `p${i}: { proposer: 127.0.0.1:${6100 + i} }`);
    expect(problemsOf(withNodes(...SMALLEST, ...many.slice(1)))).toEqual([]);
    expect(problemsOf(withNodes(...SMALLEST, ...many)).join()).toContain("there are 16 proposers");
  });

  test("everything at once, so that a file is mended in one go", () => {
    const problems = problemsOf("name: /\nsize: 3\nnodes:\n  a: { acceptor: x }\n");
    expect(problems.map((problem) => problem.split(": ")[1])).toEqual([
      "size",
      "name",
      "nodes.a.acceptor",
      "nodes",
      "nodes",
    ]);
  });

  test("a file that repeats itself beyond all measure is no topology, and takes no memory", () => {
    const laughs = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [one, other] of ["ab", "bc", "cd", "de", "ef", "fg"]) {
      laughs.push(`${other}: &${other} [${Array(9).fill(`*${one}`).join(", ")}]`);
    }
    expect(problemsOf(laughs.join("\n")).join()).toContain("own.yaml: ");
  });
});

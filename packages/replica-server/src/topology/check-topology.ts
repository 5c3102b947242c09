import {
  type Address,
  APPLICATIONS,
  type ApplicationName,
  ENGINES,
  type EngineName,
  formatAddress,
  isLoopback,
  MOST_DIFFICULTY,
  parseAddress,
  ROLES,
  ROLES_OF,
  type Role,
  type RoleServer,
  roleName,
  type Topology,
} from "@synod/api";
import { isClusterName, isNodeName, NAME_RULE } from "./names.js";
import { TopologyError } from "./topology-error.js";

/** The way to a part of the file: `["nodes", "acceptor1", "acceptor"]`. */
export type Path = readonly string[];

/** Where a part of the file stands, as a complaint begins: `kv.yaml:5: `, or nothing. */
export type PlaceOf = (path: Path) => string;

/** Ids of proposals tell fifteen proposers apart, beside people. */
const MOST_PROPOSERS = 15;

/** Without one of each there is nothing to agree with, nobody to propose, or nobody to read from. */
const NEEDED: Readonly<Record<EngineName, readonly Role[]>> = {
  paxos: ["acceptor", "proposer", "learner"],
  raft: ["raft"],
};

const FIELDS = ["name", "application", "difficulty", "engine", "voters", "chaos", "nodes"];

/**
 * What each server of a ledger is: it takes requests, votes, and keeps the chain; and each node of a chat, where one is told
 * what is new from the node that one is connected to. Under Paxos, fifteen of them also propose.
 */
const WHOLE_ROLES: Readonly<Record<EngineName, readonly Role[]>> = {
  paxos: ["acceptor", "learner", "gateway"],
  raft: ["raft", "gateway"],
};

/**
 * The topology that these words say. Application, engine and chaos may be left out: a key-value store on Paxos, with
 * faults allowed where no other machine reaches it.
 *
 * @param said what a file or a record holds, as plain data
 * @throws {TopologyError} with everything that is wrong
 */
export function checkTopology(said: unknown, placeOf: PlaceOf = () => ""): Topology {
  const problems: string[] = [];
  const complain = (path: Path, what: string) => {
    problems.push(`${placeOf(path)}${path.length > 0 ? `${path.join(".")}: ` : ""}${what}`);
  };
  const given = fieldsOf(said) ?? {};
  if (fieldsOf(said) === null) complain([], `a topology has the fields ${FIELDS.join(", ")}`);
  for (const field of Object.keys(given)) {
    if (!FIELDS.includes(field)) complain([field], `there is no such field; there is ${FIELDS.join(", ")}`);
  }
  const { name, application = "key-value", engine = "paxos", chaos } = given;
  if (typeof name !== "string" || !isClusterName(name)) complain(["name"], `the cluster's name is ${NAME_RULE}`);
  if (!APPLICATIONS.includes(application as ApplicationName)) {
    complain(["application"], `there is ${inWords(APPLICATIONS)}`);
  }
  const isEngine = ENGINES.includes(engine as EngineName);
  if (!isEngine) complain(["engine"], `there is ${inWords(ENGINES)}`);
  const meant = isEngine ? (engine as EngineName) : "paxos";
  if (chaos !== undefined && typeof chaos !== "boolean") complain(["chaos"], "true or false");
  const servers = readServers(given["nodes"], meant, complain);
  if (application === "ledger") complainOfParts("server of a ledger", servers, meant, complain);
  if (application === "chat") complainOfParts("node of a chat", servers, meant, complain);
  const ofRaft = readVoters(meant, given["voters"], servers, complain);
  const ofLedger = readDifficulty(application, given["difficulty"], complain);
  if (problems.length > 0) throw new TopologyError(problems);
  const isLocal = servers.every(({ address }) => isLoopback(address.host));
  const topology = { name: name as string, chaos: (chaos as boolean | undefined) ?? isLocal };
  return {
    ...topology,
    application: application as ApplicationName,
    ...ofLedger,
    engine: meant,
    ...ofRaft,
    nodes: byNode(servers),
  };
}

/** A ledger's difficulty, 0 unless it says so; nothing for anything else. */
function readDifficulty(application: unknown, said: unknown, complain: Complain): { readonly difficulty?: number } {
  if (application !== "ledger") {
    if (said !== undefined) complain(["difficulty"], "this is for a ledger alone (application: ledger)");
    return {};
  }
  const difficulty = said ?? 0;
  const isOne =
    Number.isInteger(difficulty) && (difficulty as number) >= 0 && (difficulty as number) <= MOST_DIFFICULTY;
  if (!isOne)
    complain(["difficulty"], `a whole number 0..${MOST_DIFFICULTY}: zero bits that a proof of work begins with`);
  return { difficulty: difficulty as number };
}

/** How many Raft servers vote at first, all of them unless it is said; nothing under another engine. */
function readVoters(
  engine: EngineName,
  said: unknown,
  servers: readonly RoleServer[],
  complain: Complain,
): { readonly voters?: number } {
  if (engine !== "raft") {
    if (said !== undefined) complain(["voters"], "this is for Raft alone (engine: raft)");
    return {};
  }
  const count = servers.filter(({ role }) => role === "raft").length;
  const voters = said ?? count;
  const isOne = Number.isInteger(voters) && (voters as number) >= 1 && (voters as number) <= count;
  if (!isOne && count > 0) {
    complain(
      ["voters"],
      `a whole number 1..${count}: so many of the Raft servers, in their order, vote at first; the others can be added later`,
    );
  }
  return { voters: voters as number };
}

/** Each server of a ledger keeps the chain and answers people about it, so that they can compare; so with a chat. */
function complainOfParts(what: string, servers: readonly RoleServer[], engine: EngineName, complain: Complain): void {
  for (const node of new Set(servers.map((server) => server.node))) {
    const roles = servers.filter((server) => server.node === node).map(({ role }) => role);
    const missing = WHOLE_ROLES[engine].filter((role) => !roles.includes(role));
    if (missing.length > 0)
      complain(["nodes", node], `each ${what} is ${WHOLE_ROLES[engine].join(", ")}: it is no ${missing.join(", no ")}`);
  }
}

type Complain = (path: Path, what: string) => void;

/** Every role of every node, in the order of the file. */
function readServers(said: unknown, engine: EngineName, complain: Complain): RoleServer[] {
  const nodes = fieldsOf(said);
  if (nodes === null || Object.keys(nodes).length === 0) {
    complain(["nodes"], "name each node and what it is, such as { acceptor1: { acceptor: 127.0.0.1:5001 } }");
    return [];
  }
  const servers: RoleServer[] = [];
  const counts: Record<Role, number> = { acceptor: 0, proposer: 0, learner: 0, raft: 0, gateway: 0 };
  for (const [node, roles] of Object.entries(nodes)) {
    if (!isNodeName(node))
      complain(["nodes", node], `a node's name is ${NAME_RULE}, and no word of the fault language`);
    for (const { role, address } of readRoles(node, roles, engine, complain)) {
      const number = ++counts[role];
      if (address) servers.push({ role, number, name: roleName(role, number), node, address });
    }
  }
  for (const role of NEEDED[engine]) {
    const what = role === "raft" ? "server of Raft (raft)" : role;
    if (counts[role] === 0) complain(["nodes"], `none of them is a ${what}, and a cluster needs one`);
  }
  if (counts.proposer > MOST_PROPOSERS) {
    complain(["nodes"], `there are ${counts.proposer} proposers: proposal ids have room for ${MOST_PROPOSERS}`);
  }
  refuseSharedAddresses(servers, complain);
  return servers;
}

function readRoles(
  node: string,
  said: unknown,
  engine: EngineName,
  complain: Complain,
): { role: Role; address: Address | null }[] {
  const known = ROLES_OF[engine];
  const fields = fieldsOf(said);
  const path = ["nodes", node];
  if (fields === null || Object.keys(fields).length === 0) {
    complain(path, "say what it is and where it listens, such as { acceptor: 127.0.0.1:5001 }");
    return [];
  }
  for (const field of Object.keys(fields)) {
    if (known.includes(field as Role)) continue;
    const why = ROLES.includes(field as Role)
      ? `there is no such role under engine: ${engine}`
      : "there is no such role";
    complain([...path, field], `${why}; there is ${known.join(", ")}`);
  }
  return known
    .filter((role) => role in fields)
    .map((role) => {
      try {
        return { role, address: parseAddress(String(fields[role])) };
      } catch (error) {
        complain([...path, role], (error as Error).message);
        return { role, address: null };
      }
    });
}

function refuseSharedAddresses(servers: readonly RoleServer[], complain: Complain): void {
  const first = new Map<string, RoleServer>();
  for (const server of servers) {
    const address = formatAddress(server.address);
    const other = first.get(address);
    if (other) {
      const path = ["nodes", server.node, server.role];
      complain(path, `${address} is the address of ${other.node}'s ${other.role} already: each has one of its own`);
    } else first.set(address, server);
  }
}

function byNode(servers: readonly RoleServer[]): Topology["nodes"] {
  const names = [...new Set(servers.map(({ node }) => node))];
  return names.map((name) => ({ name, roles: servers.filter(({ node }) => node === name) }));
}

function fieldsOf(said: unknown): Readonly<Record<string, unknown>> | null {
  return typeof said === "object" && said !== null && !Array.isArray(said) ? (said as Record<string, unknown>) : null;
}

/** `"a", "b" and "c"`. */
function inWords(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" and ");
}

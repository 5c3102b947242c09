import { ACCEPTOR_BASE_PORT, type Address } from "./addresses.js";

/** What a process of a cluster can be: each role has an HTTP server of its own. */
export type Role = "acceptor" | "proposer" | "learner" | "raft" | "gateway";

/** In the order in which a status lists them. */
export const ROLES: readonly Role[] = ["acceptor", "proposer", "learner", "raft", "gateway"];

/** What decides the values of the log. */
export type EngineName = "paxos" | "raft";

/** In the order in which they are listed. */
export const ENGINES: readonly EngineName[] = ["paxos", "raft"];

/** The roles that a node can have under each engine. */
export const ROLES_OF: Readonly<Record<EngineName, readonly Role[]>> = {
  paxos: ["acceptor", "proposer", "learner", "gateway"],
  raft: ["raft", "gateway"],
};

/** The port of proposer i is this plus i. */
export const PROPOSER_BASE_PORT = 6000;

/** The port of learner i is this plus i. */
export const LEARNER_BASE_PORT = 7000;

/** The port of Raft server i is this plus i. */
export const RAFT_BASE_PORT = 9000;

/** The port of gateway i is this plus i: gateway 1 has 8000. */
export const GATEWAY_BASE_PORT = 7999;

const BASE_PORTS: Readonly<Record<Role, number>> = {
  acceptor: ACCEPTOR_BASE_PORT,
  proposer: PROPOSER_BASE_PORT,
  learner: LEARNER_BASE_PORT,
  raft: RAFT_BASE_PORT,
  gateway: GATEWAY_BASE_PORT,
};

/** A ledger's ports are so much higher than those of other clusters: its server i has gateway port 8100+i. */
export const LEDGER_PORT_OFFSET = 100;

/** The ports of node i of a chat are these plus i: people's, and, beside them, those that its nodes speak to each other at. */
const CHAT_BASE_PORTS: Readonly<Record<Role, number>> = {
  gateway: 50_050,
  raft: 50_060,
  acceptor: 50_070,
  proposer: 50_080,
  learner: 50_090,
};

/** Nodes of a chat at most: no two of their ports meet. */
export const MOST_CHAT_NODES = 9;

/** Zero bits that a ledger's proof of work may have to begin with, at most: 24 are a minute of work on average. */
export const MOST_DIFFICULTY = 24;

/** What runs on the log. */
export type ApplicationName = "key-value" | "ledger" | "chat";

/** In the order in which they are listed. */
export const APPLICATIONS: readonly ApplicationName[] = ["key-value", "ledger", "chat"];

/** One role of a node, and where its server listens. */
export interface RoleServer {
  readonly role: Role;
  /** 1, 2, 3, ... among the servers of its role, in the order of the topology file. */
  readonly number: number;
  /** The participant's name: role and number, as in `acceptor1`. */
  readonly name: string;
  /** The name of its node, the process it runs in. */
  readonly node: string;
  readonly address: Address;
}

/** The nodes of a cluster and what each of them is. */
export interface Topology {
  /** Letters, digits, `-` and `_`; names the cluster's folder. */
  readonly name: string;
  readonly application: ApplicationName;
  /** Zero bits that a proof of work begins with, beside the rule that all have. Of a ledger, and there always. */
  readonly difficulty?: number;
  readonly engine: EngineName;
  /**
   * How many of the Raft servers, in their order, are voters when the cluster is made; the others wait until one adds them.
   * Under Raft alone, and there always.
   */
  readonly voters?: number;
  /** Whether faults may be injected and values accepted by hand. */
  readonly chaos: boolean;
  readonly nodes: readonly { readonly name: string; readonly roles: readonly RoleServer[] }[];
}

/** `roleName("proposer", 2)` is `proposer2`. */
export function roleName(role: Role, number: number): string {
  return `${role}${number}`;
}

/** Where the server of this role listens when nobody says otherwise; of a gateway: 8000, 8001, ... */
export function defaultAddress(role: Role, number: number): Address {
  return { host: "127.0.0.1", port: BASE_PORTS[role] + number };
}

/** Where the server of this role of ledger server i listens when nobody says otherwise; of its gateway: 8100+i. */
export function defaultLedgerAddress(role: Role, server: number): Address {
  // Gateway 1 of a key-value store has 8000, ledger server 1 has 8101.
  const port = BASE_PORTS[role] + LEDGER_PORT_OFFSET + server + (role === "gateway" ? 1 : 0);
  return { host: "127.0.0.1", port };
}

/** Where the server of this role of chat node i listens when nobody says otherwise; of its gateway: 50050+i. */
export function defaultChatAddress(role: Role, node: number): Address {
  return { host: "127.0.0.1", port: CHAT_BASE_PORTS[role] + node };
}

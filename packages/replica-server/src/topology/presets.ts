import {
  type Address,
  type ApplicationName,
  defaultAddress,
  defaultChatAddress,
  defaultLedgerAddress,
  type EngineName,
  formatAddress,
  MOST_CHAT_NODES,
  ROLES_OF,
  type Role,
  type Topology,
} from "@synod/api";
import { checkTopology } from "./check-topology.js";

/** Topologies that need no file: what each is, for people. */
export const PRESETS = {
  kv: "a process for each role: three acceptors, two proposers, two learners and a gateway; on Raft, five servers",
  "kv-compact": "three processes, each of which is all roles",
  ledger: "a block chain: three servers (--nodes N for another number), each of which is all roles",
  chat: "five nodes on Raft (--engine paxos for the other engine), each of which is all roles",
} as const satisfies Record<string, string>;

export type PresetName = keyof typeof PRESETS;

export function isPreset(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}

/** Servers of a preset on one machine, at most: more is a typing mistake, and no two of their ports meet. */
export const MOST_PRESET_SERVERS = 99;

/** Ids of proposals tell so many proposers apart: servers beyond them do all but propose. */
const MOST_PROPOSERS = 15;

/** How many servers a preset has whose number can be chosen, unless it is; null for one that has as many as it has. */
export function usualServers(name: PresetName, engine: EngineName): number | null {
  if (name === "ledger") return 3;
  if (name === "chat") return 5;
  return name === "kv" && engine === "raft" ? 5 : null;
}

/** How many servers a preset can have whose number can be chosen. */
export function mostServers(name: PresetName): number {
  return name === "chat" ? MOST_CHAT_NODES : MOST_PRESET_SERVERS;
}

/** What decides the values of a preset's log, unless it is said. */
export function usualEngine(name: PresetName): EngineName {
  return name === "chat" ? "raft" : "paxos";
}

export interface PresetOptions {
  /** What decides the values of the log. Default: as `usualEngine` says. */
  readonly engine?: EngineName;
  /** Is added to every port, so that a second cluster has room beside the first. */
  readonly portOffset?: number;
  /** The name of the cluster; the preset's unless given. */
  readonly cluster?: string;
  /** How many servers, 1 to `mostServers`, of a preset whose number can be chosen; as `usualServers` says unless given. */
  readonly servers?: number;
  /** Of a ledger: zero bits that a proof of work begins with. Default 0. */
  readonly difficulty?: number;
}

/**
 * A preset, on this machine and with faults allowed.
 *
 * @throws {TopologyError} if the offset leads beyond the ports there are
 */
export function preset(name: PresetName, options: PresetOptions = {}): Topology {
  const { cluster = name, engine = usualEngine(name), difficulty = 0 } = options;
  const servers = usualServers(name, engine) === null ? 3 : (options.servers ?? usualServers(name, engine) ?? 3);
  const meant = { ...options, engine, servers };
  const application: ApplicationName = name === "ledger" || name === "chat" ? name : "key-value";
  const ofLedger = application === "ledger" ? { difficulty } : {};
  return checkTopology({ name: cluster, application, ...ofLedger, engine, chaos: true, nodes: nodesOf(name, meant) });
}

type Nodes = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Sized {
  readonly engine: EngineName;
  readonly servers: number;
  readonly portOffset?: number;
}

function nodesOf(name: PresetName, meant: Sized): Nodes {
  if (name === "ledger") return ledgerNodes(meant);
  if (name === "chat") return wholeNodes(meant, defaultChatAddress);
  return name === "kv" && meant.engine === "paxos" ? kvNodes(meant) : wholeNodes(meant, defaultAddress);
}

function kvNodes({ portOffset = 0 }: Sized): Nodes {
  const several = (role: Role, count: number) =>
    numbers(count).map((number) => [`${role}${number}`, at(role, defaultAddress(role, number), portOffset)] as const);
  const gateway = ["gateway", at("gateway", defaultAddress("gateway", 1), portOffset)] as const;
  return Object.fromEntries([...several("acceptor", 3), ...several("proposer", 2), ...several("learner", 2), gateway]);
}

/** Nodes that are all roles of their engine. */
function wholeNodes({ engine, servers, portOffset = 0 }: Sized, addressOf: typeof defaultAddress): Nodes {
  const rolesOf = (number: number) => ROLES_OF[engine].map((role) => at(role, addressOf(role, number), portOffset));
  return Object.fromEntries(numbers(servers).map((number) => [`node${number}`, Object.assign({}, ...rolesOf(number))]));
}

function ledgerNodes({ engine, servers, portOffset = 0 }: Sized): Nodes {
  const rolesOf = (server: number) =>
    ROLES_OF[engine]
      .filter((role) => role !== "proposer" || server <= MOST_PROPOSERS)
      .map((role) => at(role, defaultLedgerAddress(role, server), portOffset));
  return Object.fromEntries(
    numbers(servers).map((server) => [`server${server}`, Object.assign({}, ...rolesOf(server))]),
  );
}

function at(role: Role, { host, port }: Address, portOffset: number): Record<string, string> {
  return { [role]: formatAddress({ host, port: port + portOffset }) };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, position) => position + 1);
}

import {
  type Address,
  defaultAddress,
  defaultLedgerAddress,
  formatAddress,
  ROLES,
  type Role,
  type Topology,
} from "@synod/api";
import { checkTopology } from "./check-topology.js";

/** Topologies that need no file: what each is, for people. */
export const PRESETS = {
  kv: "a process for each role: three acceptors, two proposers, two learners and a gateway",
  "kv-compact": "three processes, each of which is all four roles",
  ledger: "a block chain: three servers (--nodes N for another number), each of which is all four roles",
} as const satisfies Record<string, string>;

export function isPreset(name: string): name is keyof typeof PRESETS {
  return Object.hasOwn(PRESETS, name);
}

/** Servers of a ledger on one machine, at most: more is a typing mistake, and no two of their ports meet. */
export const MOST_LEDGER_SERVERS = 99;

/** Ids of proposals tell so many proposers apart: servers beyond them do all but propose. */
const MOST_PROPOSERS = 15;

export interface PresetOptions {
  /** Is added to every port, so that a second cluster has room beside the first. */
  readonly portOffset?: number;
  /** The name of the cluster; the preset's unless given. */
  readonly cluster?: string;
  /** How many servers a ledger has, 1..99; 3 unless given. Other presets have as many nodes as they say. */
  readonly servers?: number;
  /** Of a ledger: zero bits that a proof of work begins with. Default 0. */
  readonly difficulty?: number;
}

/**
 * A preset, on this machine and with faults allowed.
 *
 * @throws {TopologyError} if the offset leads beyond the ports there are
 */
export function preset(name: keyof typeof PRESETS, options: PresetOptions = {}): Topology {
  const { cluster = name } = options;
  if (name === "ledger") {
    const { difficulty = 0 } = options;
    return checkTopology({
      name: cluster,
      application: "ledger",
      difficulty,
      chaos: true,
      nodes: ledgerNodes(options),
    });
  }
  return checkTopology({ name: cluster, chaos: true, nodes: name === "kv" ? kvNodes(options) : compactNodes(options) });
}

type Nodes = Readonly<Record<string, Readonly<Record<string, string>>>>;

function kvNodes({ portOffset = 0 }: PresetOptions): Nodes {
  const several = (role: Role, count: number) =>
    numbers(count).map((number) => [`${role}${number}`, at(role, defaultAddress(role, number), portOffset)] as const);
  const gateway = ["gateway", at("gateway", defaultAddress("gateway", 1), portOffset)] as const;
  return Object.fromEntries([...several("acceptor", 3), ...several("proposer", 2), ...several("learner", 2), gateway]);
}

function compactNodes({ portOffset = 0 }: PresetOptions): Nodes {
  const rolesOf = (number: number) => ROLES.map((role) => at(role, defaultAddress(role, number), portOffset));
  return Object.fromEntries(numbers(3).map((number) => [`node${number}`, Object.assign({}, ...rolesOf(number))]));
}

function ledgerNodes({ portOffset = 0, servers = 3 }: PresetOptions): Nodes {
  const rolesOf = (server: number) =>
    ROLES.filter((role) => role !== "proposer" || server <= MOST_PROPOSERS).map((role) =>
      at(role, defaultLedgerAddress(role, server), portOffset),
    );
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

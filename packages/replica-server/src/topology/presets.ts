import { defaultAddress, formatAddress, ROLES, type Role, type Topology } from "@synod/api";
import { checkTopology } from "./check-topology.js";

/** Topologies that need no file: what each is, for people. */
export const PRESETS = {
  kv: "a process for each role: three acceptors, two proposers, two learners and a gateway",
  "kv-compact": "three processes, each of which is all four roles",
} as const satisfies Record<string, string>;

export function isPreset(name: string): name is keyof typeof PRESETS {
  return Object.hasOwn(PRESETS, name);
}

/**
 * A preset, on this machine and with faults allowed.
 *
 * @param portOffset is added to every port, so that a second cluster has room beside the first
 * @throws {TopologyError} if that leads beyond the ports there are
 */
export function preset(
  name: keyof typeof PRESETS,
  { portOffset = 0, cluster = name }: { portOffset?: number; cluster?: string } = {},
): Topology {
  const at = (role: Role, number: number) => {
    const { host, port } = defaultAddress(role, number);
    return { [role]: formatAddress({ host, port: port + portOffset }) };
  };
  const several = (role: Role, count: number) => numbers(count).map((number) => [`${role}${number}`, at(role, number)]);
  const nodes =
    name === "kv"
      ? [...several("acceptor", 3), ...several("proposer", 2), ...several("learner", 2), ["gateway", at("gateway", 1)]]
      : numbers(3).map((number) => [`node${number}`, Object.assign({}, ...ROLES.map((role) => at(role, number)))]);
  return checkTopology({ name: cluster, chaos: true, nodes: Object.fromEntries(nodes) });
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, position) => position + 1);
}

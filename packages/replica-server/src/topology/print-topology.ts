import type { Topology } from "@synod/api";
import { written } from "./written-topology.js";

/** The topology as a file that `readTopology` reads back: YAML, a line a node. */
export function printTopology(topology: Topology): string {
  const { name, application, difficulty, engine, voters, chaos, nodes } = written(topology);
  const rolesIn = (roles: Readonly<Record<string, string>>) =>
    Object.entries(roles).map(([role, address]) => `${role}: ${addressWord(address)}`);
  const width = Math.max(...Object.keys(nodes).map((node) => word(node).length));
  return [
    `name: ${word(name)}`,
    `application: ${application}`,
    ...(difficulty === undefined ? [] : [`difficulty: ${difficulty}`]),
    `engine: ${engine}`,
    ...(voters === undefined ? [] : [`voters: ${voters}`]),
    `chaos: ${chaos}`,
    "nodes:",
    ...Object.entries(nodes).map(
      ([node, roles]) => `  ${`${word(node)}:`.padEnd(width + 1)} { ${rolesIn(roles).join(", ")} }`,
    ),
    "",
  ].join("\n");
}

/** A name as it stands, in quotes if YAML would take it for something else: a number, a truth, nothing. */
function word(name: string): string {
  const isPlain = /^[A-Za-z_][\w-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(name);
  return isPlain ? name : JSON.stringify(name);
}

/** The brackets of an IPv6 address would begin a list. */
function addressWord(address: string): string {
  return address.startsWith("[") ? JSON.stringify(address) : address;
}

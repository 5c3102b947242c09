import { randomUUID } from "node:crypto";
import { defaultChatAddress, type EngineName, isLoopback, type Topology } from "@synod/api";
import { ClusterFolder, clusterIdOf, preset, usualEngine } from "@synod/replica-server/topology";
import type { Options } from "yargs";
import { PRESET_OPTIONS } from "../cluster/preset-options.js";
import { CLUSTER_OPTIONS, homeOf, withClusterFolder } from "../cluster/settings.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, name, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import type { Facts, MachineId } from "./meeting.js";

/** The nodes of each machine, by number. */
export const NODES_OF: Readonly<Record<MachineId, readonly number[]>> = { 1: [1, 2], 2: [3, 4, 5] };

/** The node that leads at first. */
export const FIRST_LEADER = 2;

/** Ports that a demo can be moved by, so that its highest, on either engine, is a port, too. */
const MOST_OFFSET = 65_535 - defaultChatAddress("learner", 5).port;

export const CHAT_DEMO_OPTIONS = {
  "machine-id": {
    type: "string",
    demandOption: true,
    describe: "Which of the two machines this is: 1 has the nodes 1 and 2, 2 has the nodes 3, 4 and 5",
    coerce: wholeNumber("--machine-id", 1, 2),
  },
  "peer-ip": {
    type: "string",
    describe:
      "The other machine's address (default: it is looked for on the local network, by the secret, and asked for on a terminal)",
    coerce: name("--peer-ip"),
  },
  "secret-file": {
    type: "string",
    describe: "The file of the secret that both machines share (or SYNOD_SECRET); made if it is not there",
    coerce: CLUSTER_OPTIONS["secret-file"].coerce,
  },
  "fail-leader": {
    type: "boolean",
    default: false,
    describe: `Let node ${FIRST_LEADER}, the initial leader, be failed at the prompt`,
  },
  "skip-clear": {
    type: "boolean",
    default: false,
    describe: "Go on with the data that is there; else both machines clear it, and make a new cluster",
  },
  engine: {
    type: "string",
    describe: "What decides the values of the log, raft or paxos; the same on both machines (default: raft)",
    coerce: PRESET_OPTIONS.engine.coerce,
  },
  "port-offset": {
    type: "string",
    describe: "Added to every port, so that a second demo has room beside the first; the same on both machines",
    coerce: wholeNumber("--port-offset", 0, MOST_OFFSET),
  },
  wait: {
    type: "string",
    default: "300s",
    describe: "How long to wait for the other machine",
    coerce: duration("--wait"),
  },
  "find-within": {
    type: "string",
    default: "10s",
    describe: "How long to look for the other machine on the local network",
    coerce: duration("--find-within"),
  },
  within: {
    type: "string",
    default: "30s",
    describe: "How long a node may take to get ready or to stop, and then a leader to be found",
    coerce: duration("--within"),
  },
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long a test may take at most",
    coerce: duration("--timeout"),
  },
  home: CLUSTER_OPTIONS.home,
} as const satisfies Record<string, Options>;

/** What was asked for, as far as it is known without the other machine's address. */
export interface Asked {
  readonly machine: MachineId;
  readonly engine: EngineName;
  readonly portOffset: number;
  readonly clears: boolean;
}

export function asked(args: Arguments): Asked {
  const { "machine-id": machine, "port-offset": portOffset = 0, engine } = args as { [option: string]: unknown };
  return {
    machine: machine as MachineId,
    engine: (engine as EngineName | undefined) ?? usualEngine("chat"),
    portOffset: portOffset as number,
    clears: args["skip-clear"] !== true,
  };
}

/** The cluster as this machine is to run its part of it. */
export interface OwnPart {
  readonly folder: ClusterFolder;
  readonly topology: Topology;
  readonly facts: Facts;
}

/**
 * The nodes of both machines, at their addresses, and what this machine knows before it meets the other one. The two have a
 * folder each, also where both are on one machine: each clears its own.
 *
 * @throws {CommandFailure} if the data that is to be kept is not of these nodes
 */
export function ownPart(args: Arguments, terminal: Terminal, here: string, there: string): OwnPart {
  const { machine, engine, portOffset, clears } = asked(args);
  const folder = new ClusterFolder(`chat-demo-${machine}`, homeOf(args, terminal));
  const topology = topologyOf(folder.name, asked(args), here, there);
  const record = withClusterFolder(() => folder.read());
  if (record !== null && !clears && clusterIdOf(record.topology) !== clusterIdOf(topology)) {
    throw new CommandFailure(
      ExitCode.failure,
      "other-topology",
      `the data in ${folder.path} is of nodes at other addresses or ports, or on another engine: give the same --peer-ip, ` +
        "--port-offset and --engine as before, or restart both machines without --skip-clear",
    );
  }
  const run = randomUUID();
  const kept = record?.clusterId ?? null;
  return { folder, topology, facts: { machine, run, here, there, engine, portOffset, clears, kept } };
}

/** The preset chat, each node on its machine. Faults can be injected where no other machine reaches it. */
function topologyOf(cluster: string, { machine, engine, portOffset }: Asked, here: string, there: string): Topology {
  const usual = withClusterFolder(() => preset("chat", { cluster, engine, portOffset, servers: 5 }));
  const own = NODES_OF[machine].map(nodeName);
  const nodes = usual.nodes.map(({ name, roles }) => {
    const host = own.includes(name) ? here : there;
    return { name, roles: roles.map((role) => ({ ...role, address: { ...role.address, host } })) };
  });
  return { ...usual, chaos: isLoopback(here), nodes };
}

/** `nodeName(3)` is `node3`, as the preset calls it. */
export function nodeName(id: number): string {
  return `node${id}`;
}

/** The number of a node by its name. */
export function nodeNumber(name: string): number {
  return Number(/\d+$/.exec(name)?.[0]);
}

/** @throws {UsageError} saying that somebody has to tell the address */
export function noPeer(machine: MachineId, hasSearched: boolean): UsageError {
  const why = hasSearched
    ? "no machine on the local network answered that knows this secret"
    : "to look for it on the local network, a secret is needed (--secret-file)";
  return new UsageError(`where is machine ${machine === 1 ? 2 : 1}? Say --peer-ip ADDRESS; ${why}`);
}

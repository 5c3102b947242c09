import { ENGINES, type EngineName, formatAddress, MOST_DIFFICULTY, type Topology } from "@synod/api";
import {
  isPreset,
  MOST_PRESET_SERVERS,
  mostServers,
  PRESETS,
  type PresetName,
  preset,
  usualEngine,
  usualServers,
} from "@synod/replica-server/topology";
import type { Options } from "yargs";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { text, wholeNumber } from "../terminal/option-values.js";
import { noSuchName } from "../terminal/suggestion.js";
import { type ClusterSettings, withClusterFolder } from "./settings.js";

/** Ports that a preset can be moved by, so that its highest is a port, too. */
const MOST_OFFSET = 56_000;

/** The options that shape a preset. */
export const PRESET_OPTIONS = {
  engine: {
    type: "string",
    describe:
      "Of a preset: what decides the values of the log, paxos or raft (default: raft for chat, else paxos); for its first start",
    coerce: engineName,
  },
  nodes: {
    type: "string",
    describe:
      `How many servers, 1..${MOST_PRESET_SERVERS}, of the presets that have any number: ledger (default 3), chat (5), and kv ` +
      "on raft (5); for its first start",
    coerce: wholeNumber("--nodes", 1, MOST_PRESET_SERVERS),
  },
  "port-offset": {
    type: "string",
    describe:
      "Added to every port of a preset, so that a second cluster has room beside the first; for its first start",
    coerce: wholeNumber("--port-offset", 0, MOST_OFFSET),
  },
  difficulty: {
    type: "string",
    describe: `Of the preset ledger: zero bits that a proof of work begins with, 0..${MOST_DIFFICULTY} (default 0); for its first start`,
    coerce: wholeNumber("--difficulty", 0, MOST_DIFFICULTY),
  },
} as const satisfies Record<string, Options>;

function engineName(value: unknown): EngineName | undefined {
  const given = text("--engine")(value);
  if (given === undefined || ENGINES.includes(given as EngineName)) return given as EngineName | undefined;
  throw new UsageError(noSuchName("engine", given, ENGINES));
}

/** What of these was given. */
interface Shape {
  readonly engine?: EngineName;
  readonly nodes?: number;
  readonly difficulty?: number;
  readonly "port-offset"?: number;
}

/** The preset in this shape. @throws {UsageError} if it has no such shape */
export function presetFor(asked: PresetName, args: Arguments): Topology {
  const { engine = usualEngine(asked), nodes, difficulty, "port-offset": portOffset = 0 } = args as Shape;
  if (asked !== "ledger" && difficulty !== undefined) {
    throw new UsageError(`--difficulty is for the preset ledger: ${asked} has no proof of work`);
  }
  const usual = usualServers(asked, engine);
  if (usual === null && nodes !== undefined) {
    const other =
      asked === "kv" ? "; on raft it has as many as you say: synod cluster start kv --engine raft --nodes 5" : "";
    throw new UsageError(`--nodes is not for this: ${asked} on ${engine} has as many nodes as it has${other}`);
  }
  if (nodes !== undefined && nodes > mostServers(asked)) {
    throw new UsageError(`--nodes is 1..${mostServers(asked)} for ${asked}, not ${nodes}`);
  }
  const servers = nodes ?? usual ?? undefined;
  return withClusterFolder(() =>
    preset(asked, {
      engine,
      portOffset,
      ...(servers === undefined ? {} : { servers }),
      ...(difficulty === undefined ? {} : { difficulty }),
    }),
  );
}

/** @throws {UsageError} if one of the options was given that shape a preset, and a file is meant */
export function refuseShape(args: Arguments): void {
  const { engine, nodes, difficulty, "port-offset": portOffset } = args as Shape;
  if (portOffset !== undefined) {
    throw new UsageError("--port-offset moves a preset: in a file, write the ports that you want");
  }
  if (engine !== undefined) {
    throw new UsageError(`--engine is for presets: in a file, write engine: ${engine} and the roles that it has`);
  }
  if (nodes === undefined && difficulty === undefined) return;
  throw new UsageError(
    "--nodes and --difficulty are for presets: in a file, write the nodes and the difficulty that you want",
  );
}

/** @throws {UsageError} if other ports are asked for than those that the cluster was started with, and keeps */
export function refuseToMove({ topology }: Pick<ClusterSettings, "topology">, args: Arguments): void {
  const { "port-offset": portOffset } = args as Shape;
  if (portOffset === undefined) return;
  const { engine } = topology;
  const presets = Object.keys(PRESETS).filter(isPreset);
  const isThere = (one: PresetName) => {
    const servers = Math.min(topology.nodes.length, mostServers(one));
    const placed = withClusterFolder(() => preset(one, { engine, portOffset, servers }));
    return isSamePlaced(topology, placed);
  };
  if (presets.some(isThere)) return;
  const [first] = topology.nodes.flatMap(({ roles }) => roles);
  const place = first ? ` (${first.name} is at ${formatAddress(first.address)})` : "";
  throw new UsageError(
    `the cluster ${topology.name} was started here on other ports${place}, and keeps them: leave --port-offset out, or ` +
      "start a second cluster in a folder of its own, with --home",
  );
}

/** @throws {UsageError} if another engine, size or difficulty is asked for than the cluster was started with, and keeps */
export function refuseToReshape({ topology }: Pick<ClusterSettings, "topology">, args: Arguments): void {
  const { engine, nodes, difficulty } = args as Shape;
  const { name, application, engine: own, difficulty: ownDifficulty = 0 } = topology;
  const count = topology.nodes.length;
  const isSame =
    (engine ?? own) === own && (nodes ?? count) === count && (difficulty ?? ownDifficulty) === ownDifficulty;
  if (isSame) return;
  const shape = application === "ledger" ? `${count} servers and difficulty ${ownDifficulty}` : `${count} nodes`;
  const given = Object.entries({ engine, nodes, difficulty }).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`],
  );
  throw new UsageError(
    `the cluster ${name} was started here with ${shape} on ${own}, and keeps them: leave ${given.join(" and ")} out, or ` +
      "start a second cluster in a folder of its own, with --home",
  );
}

function isSamePlaced({ nodes }: Topology, other: Topology): boolean {
  return JSON.stringify(nodes) === JSON.stringify(other.nodes);
}

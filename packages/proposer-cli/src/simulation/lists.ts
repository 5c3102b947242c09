import type { Protocol } from "@synod/simulator";
import type { Arguments, Result } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { table } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { readProtocol } from "./asked.js";
import type { Simulator } from "./experiment.js";

/** What an option takes instead of a name, to be told all names. */
const LIST = "list";

/** Answers `--mutate list` and `--properties list`; null if neither was asked for. */
export async function listedNames(simulator: Simulator, args: Arguments, terminal: Terminal): Promise<Result | null> {
  const protocol = await readProtocol(simulator, args);
  if (args["mutate"] === LIST) return listMutations(protocol, terminal);
  const properties = args["properties"] as string[] | undefined;
  return properties?.length === 1 && properties[0] === LIST ? listProperties(simulator, protocol, terminal) : null;
}

function listMutations({ name: protocol, mutations }: Protocol, terminal: Terminal): Result {
  const rows = mutations.map(({ name, sentence, settings = {} }) => [
    name,
    Object.keys(settings).length === 0 ? sentence : `${sentence} (With ${flagsOf(settings)}.)`,
  ]);
  for (const line of table(["mutation", "flaw"], rows)) terminal.line(line);
  const document = {
    protocol,
    mutations: mutations.map(({ name, sentence, settings = {} }) => ({ name, sentence, settings })),
  };
  return { exitCode: ExitCode.done, document };
}

function listProperties(simulator: Simulator, protocol: Protocol, terminal: Terminal): Result {
  const system = protocol.system(simulator.settingsFor(protocol, {}, null), null);
  const properties = simulator.propertiesOf(system);
  const rows = properties.map(({ name, kind, sentence }) => [name, kind, sentence]);
  for (const line of table(["property", "kind", "meaning"], rows)) terminal.line(line);
  return { exitCode: ExitCode.done, document: { protocol: protocol.name, properties } };
}

/** Settings as one would type them. */
export function flagsOf(settings: Readonly<Record<string, number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `--${name} ${value}`)
    .join(" ");
}

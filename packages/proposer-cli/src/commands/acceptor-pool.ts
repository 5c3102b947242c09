import type { PoolRecord } from "@synod/acceptor-server/pool-folder";
import { type Address, formatAddress, MOST_SERVERS } from "@synod/api";
import type { PositionalOptions } from "yargs";
import { idsUpTo, type PoolSettings } from "../pool-settings.js";
import type { Arguments, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { serverIds } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** What the commands that take acceptors up and down have in common. */

export const IDS_POSITIONAL = {
  ids: {
    type: "string",
    array: true,
    describe: `Servers by id, 1..server-count (at most ${MOST_SERVERS})`,
    coerce: serverIds("the list of ids"),
  },
} as const satisfies Record<string, PositionalOptions>;

/** Whether any ids were given. */
export function areIdsGiven(args: Arguments): boolean {
  return ((args["ids"] as number[] | undefined) ?? []).length > 0;
}

/** The ids that were given; all of the pool's if none were. */
export function idsGiven(args: Arguments, serverCount: number): number[] {
  const ids = (args["ids"] as number[] | undefined) ?? [];
  const stranger = ids.find((id) => id > serverCount);
  if (stranger !== undefined)
    throw new UsageError(`there is no server ${stranger}: the pool's servers are 1..${serverCount}`);
  return ids.length > 0 ? ids : idsUpTo(serverCount);
}

/** The pool that was started here. @throws {CommandFailure} if none was */
export function recordOf(settings: PoolSettings, terminal: Terminal): PoolRecord {
  const { record, folder, serverCount } = settings;
  if (record === null) {
    throw new CommandFailure(
      ExitCode.failure,
      "no-pool",
      `no pool was started in ${folder.path}. Start one with: synod acceptor up 1 2 3 --server-count 3`,
    );
  }
  if (serverCount !== record.serverCount) {
    terminal.warn(`--server-count is ${serverCount}, but the pool in ${folder.path} has ${record.serverCount} servers`);
  }
  return record;
}

/** What was done with one acceptor. */
export interface Deed {
  readonly server: number;
  /** Stable, for programs. */
  readonly done: string;
  /** The same for people. */
  readonly words: string;
  readonly pid?: number;
  readonly address?: string;
  readonly notes?: readonly string[];
}

/** Does something with several acceptors at once and tells of each in the order given; the first failure is last. */
export async function forEach(
  ids: readonly number[],
  act: (server: number) => Promise<Deed>,
  terminal: Terminal,
): Promise<Result> {
  const results = await Promise.allSettled(ids.map(act));
  const deeds: Deed[] = [];
  const failures: unknown[] = [];
  for (const result of results) {
    if (result.status === "rejected") failures.push(result.reason);
    else {
      deeds.push(result.value);
      terminal.line(`acceptor ${result.value.server}: ${result.value.words}`);
    }
  }
  const known = failures.filter((failure) => failure instanceof CommandFailure);
  if (known.length < failures.length) throw failures.find((failure) => !(failure instanceof CommandFailure));
  const [first] = known;
  if (first) throw new CommandFailure(first.exitCode, first.code, known.map(({ message }) => message).join("\n"));
  return { exitCode: ExitCode.done, document: { acceptors: deeds, warnings: terminal.warnings } };
}

/** How a person addresses a server. */
export function urlOf(address: Address): string {
  return `http://${formatAddress(address)}`;
}

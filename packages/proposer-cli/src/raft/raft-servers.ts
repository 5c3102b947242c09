import { CLUSTER_HEADER, formatAddress, type RoleServer } from "@synod/api";
import { NoAnswer } from "@synod/client";
import type { Options, PositionalOptions } from "yargs";
import { CLUSTER_OPTIONS, type ClusterSettings, clusterSettings } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { type Call, exchange, problemIn } from "../http-exchange.js";
import { TIMEOUT_OPTION } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { noSuchName } from "../terminal/suggestion.js";
import type { Terminal } from "../terminal/terminal.js";

/** What the commands that speak to servers of Raft have in common. */

export const RAFT_OPTIONS = { ...TIMEOUT_OPTION, ...CLUSTER_OPTIONS } as const satisfies Record<string, Options>;

/** The option that names the servers that hear a message. */
export const TO_OPTION = {
  to: {
    type: "array",
    string: true,
    demandOption: true,
    describe: "The servers that hear it, by name or number: 2, raft2, or the node's name",
  },
} as const satisfies Record<string, Options>;

export const SERVER_POSITIONAL = {
  server: { type: "string", describe: "The server, by name or number: 2, raft2, or the node's name" },
} as const satisfies Record<string, PositionalOptions>;

/** The cluster that a command is about. @throws {UsageError} if it is not one of Raft */
export function raftCluster(args: Arguments, terminal: Terminal): ClusterSettings {
  const settings = clusterSettings(args, terminal);
  const { name, engine } = settings.topology;
  if (engine === "raft") return settings;
  throw new UsageError(
    `the cluster ${name} runs on ${engine}, and has no servers of Raft: synod cluster start kv --engine raft makes one ` +
      "that has (in a folder of its own, with --home)",
  );
}

/**
 * The servers of these names or numbers, each once, in this order; all of them if none is named.
 *
 * @throws {UsageError} if there is no such server
 */
export function serversGiven({ topology }: ClusterSettings, words: readonly unknown[] = []): RoleServer[] {
  const all = serversOf(topology, "raft");
  const asked = words.flatMap((word) => String(word).split(",")).filter((word) => word !== "");
  if (asked.length === 0) return all;
  const found = asked.map((word) => {
    const one = all.find(({ name, number, node }) => [name, String(number), node].includes(word));
    if (one) return one;
    const names = all.map(({ name }) => name);
    throw new UsageError(noSuchName("server of Raft", word, names));
  });
  return [...new Set(found)];
}

/** The servers that hear a message by hand, which must be named: no list that is empty by mistake means them all. */
export function hearersGiven(settings: ClusterSettings, args: Arguments): RoleServer[] {
  const words = (args["to"] as unknown[]).map(String);
  if (words.every((word) => /^,*$/.test(word))) throw new UsageError("--to names no server");
  return serversGiven(settings, words);
}

/** The one server that is meant. @throws {UsageError} if there is no such server */
export function serverGiven(settings: ClusterSettings, word: unknown): RoleServer {
  const [only, ...others] = serversGiven(settings, [word]);
  if (only && others.length === 0) return only;
  throw new UsageError("name one server");
}

/** What became of a request to one server. */
export type RaftAnswer<T> =
  | { readonly server: string; readonly reply: T }
  | { readonly server: string; readonly noAnswer: { readonly reason: string; readonly message: string } };

/**
 * Asks a server of Raft.
 *
 * @throws {CommandFailure} if it refuses, with its words; 7 if it does not know what came of it
 */
export async function askRaft<T>(
  { clusterId, secret }: ClusterSettings,
  { name, address }: RoleServer,
  call: Pick<Call, "method" | "path" | "body" | "timeoutMs">,
  { interrupted }: Terminal,
): Promise<RaftAnswer<T>> {
  try {
    const headers = { [CLUSTER_HEADER]: clusterId };
    const { status, body } = await exchange(address, { ...call, headers, secret, signal: interrupted });
    if (status === 200) return { server: name, reply: body as T };
    const problem = problemIn(body);
    if (!problem) {
      return {
        server: name,
        noAnswer: { reason: "stranger", message: `HTTP status ${status} at ${formatAddress(address)}` },
      };
    }
    const exitCode = problem.code === "outcome-unknown" ? ExitCode.outcomeUnknown : ExitCode.failure;
    throw new CommandFailure(exitCode, problem.code, `${name} refuses: ${problem.detail}`);
  } catch (error) {
    interrupted.throwIfAborted();
    if (!(error instanceof NoAnswer)) throw error;
    return { server: name, noAnswer: { reason: error.reason, message: error.message } };
  }
}

/** Asks all of them at once. @returns their answers, in their order @throws {CommandFailure} if one refuses */
export function askEach<T>(
  settings: ClusterSettings,
  servers: readonly RoleServer[],
  call: Parameters<typeof askRaft>[2],
  terminal: Terminal,
): Promise<RaftAnswer<T>[]> {
  return Promise.all(servers.map((server) => askRaft<T>(settings, server, call, terminal)));
}

/** That none of these servers answered. @param answers what became of each, where that may be more than that it is down */
export function nobodyAnswers(
  servers: readonly RoleServer[],
  answers: readonly RaftAnswer<unknown>[] = [],
): CommandFailure {
  const names = servers.map(({ name, address }) => `${name} at ${formatAddress(address)}`).join(", ");
  const nodes = servers.map(({ node }) => node).join(" ");
  const isUp = answers.some((answer) => "noAnswer" in answer && answer.noAnswer.reason !== "refused");
  const advice = isUp ? "synod cluster status says what runs" : `To start: synod cluster recover ${nodes}`;
  const message = `nobody answers: ${names}. ${advice}`;
  return new CommandFailure(ExitCode.nobodyReachable, "nobody-reachable", message);
}

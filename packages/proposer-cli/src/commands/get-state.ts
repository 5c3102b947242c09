import { setTimeout as delay } from "node:timers/promises";
import type { PoolStateReply, StateReply } from "@synod/api";
import { acceptorsHere } from "../acceptors-here.js";
import { type Answer, answerOf } from "../asking.js";
import { type Clients, warnOfStrangers, withServers } from "../pool-connection.js";
import { idsUpTo, nobodyAnswers, POOL_OPTIONS, type PoolSettings, TIMEOUT_OPTION } from "../pool-settings.js";
import type { Arguments, Command } from "../terminal/command.js";
import { endOf } from "../terminal/end-of.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { duration } from "../terminal/option-values.js";
import { table } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { INSTANCE_OPTION } from "../value-option.js";

/** Servers that are tried when nobody said how many there are. */
const USUAL_POOL = 3;

export const getState: Command = {
  usage: "get-state",
  summary: "Print what every acceptor of the pool has promised and accepted, as JSON for jq",
  examples: [
    ["get-state", "the state of the pool that was started here"],
    ["get-state | jq '.[\"1\"].promisedId'", "one field of it"],
    ["get-state --table", "for people"],
    ["get-state --watch", "a line of JSON with each change, until Ctrl-C"],
  ],
  options: {
    ...INSTANCE_OPTION,
    table: { type: "boolean", default: false, describe: "Print a table" },
    watch: { type: "boolean", default: false, describe: "Print again with each change, until Ctrl-C or --for is over" },
    interval: {
      type: "string",
      default: "500ms",
      describe: "How often --watch asks",
      coerce: duration("--interval"),
    },
    for: {
      type: "string",
      describe: "How long --watch goes on, such as 30s (default: until Ctrl-C)",
      coerce: duration("--for"),
    },
    // A server that is asked waits a second for its peers: longer than that, or one silent peer would silence it too.
    timeout: { ...TIMEOUT_OPTION.timeout, default: "2s" },
    ...POOL_OPTIONS,
  },
  run: (args, terminal) => {
    const settings = acceptorsHere(args, terminal);
    if (args["for"] !== undefined && !args["watch"])
      throw new UsageError("--for says how long --watch goes on: add --watch");
    const ids = idsUpTo(settings.serverCount ?? USUAL_POOL);
    const instance = args["instance"] as number;
    return withServers(settings, ids, args["timeout"] as number, terminal, async (clients) => {
      const ask = () => askOneAfterTheOther(settings, clients, instance, terminal);
      if (args["watch"]) await watch(ask, args, terminal);
      else print(await ask(), args, terminal);
      return { exitCode: ExitCode.done };
    });
  },
};

/** What the pool is known to hold, and how many servers it has. */
interface PoolSeen {
  readonly state: PoolStateReply;
  readonly serverCount: number;
}

/**
 * Asks one server after the other, until one tells the state of the pool.
 *
 * @throws {CommandFailure} if none does
 */
async function askOneAfterTheOther(
  settings: PoolSettings,
  clients: Clients,
  instance: number,
  terminal: Terminal,
): Promise<PoolSeen> {
  const others: Answer<unknown>[] = [];
  for (const [serverId, client] of clients) {
    const answer = await answerOf(serverId, client.poolState(instance, { signal: terminal.interrupted }));
    terminal.interrupted.throwIfAborted();
    // A server that cannot vouch for itself and reaches nobody else tells of an empty pool: the next one may know more.
    if ("reply" in answer && Object.keys(answer.reply).length > 0) {
      warnOfStrangers(settings, [client.identity], terminal);
      return { state: answer.reply, serverCount: client.identity?.serverCount ?? clients.size };
    }
    others.push(answer);
  }
  throw nobodyTold(settings, [...clients.keys()], others);
}

function nobodyTold(
  settings: PoolSettings,
  ids: readonly number[],
  answers: readonly Answer<unknown>[],
): CommandFailure {
  const refusal = answers.find((answer) => "problem" in answer);
  if (refusal && "problem" in refusal) {
    const { code, detail } = refusal.problem;
    const how = code === "unauthorized" ? " Commands take it from --secret-file FILE, or from SYNOD_SECRET." : "";
    return new CommandFailure(ExitCode.failure, code, `server ${refusal.server} refuses: ${detail}.${how}`);
  }
  const areAllDown = answers.every((answer) => "noAnswer" in answer && answer.noAnswer.reason === "refused");
  const reasons = areAllDown ? "" : ` (${answers.map(whyNot).join("; ")})`;
  return new CommandFailure(ExitCode.nobodyReachable, "nobody-reachable", `${nobodyAnswers(settings, ids)}${reasons}`);
}

function whyNot(answer: Answer<unknown>): string {
  if ("problem" in answer) return `server ${answer.server}: ${answer.problem.detail}`;
  return "noAnswer" in answer ? answer.noAnswer.message : `server ${answer.server} knows of no state`;
}

async function watch(ask: () => Promise<PoolSeen>, args: Arguments, terminal: Terminal): Promise<void> {
  const { interrupted, outputClosed } = terminal;
  const spanMs = args["for"] as number | undefined;
  const end = endOf([interrupted, outputClosed], spanMs);
  let seen = await ask();
  let last = "";
  while (!end.aborted) {
    const now = JSON.stringify(seen.state);
    if (now !== last) print(seen, args, terminal, now);
    last = now;
    // An abort ends the pause early, and the loop with it.
    await delay(args["interval"] as number, undefined, { signal: end }).catch(() => {});
    if (!end.aborted) seen = await ask().catch((error) => emptyIfNobodyAnswers(error, seen, terminal));
  }
  interrupted.throwIfAborted();
}

/** A pool that goes down while it is watched is a change like any other. */
function emptyIfNobodyAnswers(error: unknown, { serverCount }: PoolSeen, { interrupted }: Terminal): PoolSeen {
  interrupted.throwIfAborted();
  if (error instanceof CommandFailure && error.exitCode === ExitCode.nobodyReachable) return { state: {}, serverCount };
  throw error;
}

/** @param line the state on one line, when it is one of many */
function print({ state, serverCount }: PoolSeen, args: Arguments, terminal: Terminal, line?: string): void {
  if (!args["table"] || terminal.json) {
    terminal.data(`${line ?? JSON.stringify(state, null, 2)}\n`);
    return;
  }
  const rows = idsUpTo(serverCount).map((id) => {
    const one = state[id];
    return [String(id), ...(one ? cells(one) : ["no response"])];
  });
  for (const row of table(["server", "promised", "accepted", "value"], rows)) terminal.line(row);
  if (line !== undefined) terminal.line();
}

function cells(state: StateReply): string[] {
  const promised = state.promisedId < 0 ? "-" : String(state.promisedId);
  if ("truncated" in state) return [promised, "-", `(truncated through ${state.truncatedThrough})`];
  const nothing = state.acceptedValue === null;
  return [
    promised,
    nothing ? "-" : String(state.acceptedId),
    nothing ? "-" : legible(JSON.stringify(state.acceptedValue)),
  ];
}

import { setTimeout as delay } from "node:timers/promises";
import type { PoolStateReply, StateReply } from "@synod/api";
import { type Answer, answerOf } from "../asking.js";
import { type Clients, warnOfStrangers, withServers } from "../pool-connection.js";
import { idsUpTo, POOL_OPTIONS, type PoolSettings, poolSettings, TIMEOUT_OPTION } from "../pool-settings.js";
import type { Arguments, Command } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
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
    const settings = poolSettings(args, terminal);
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
): Promise<PoolStateReply> {
  const silent: string[] = [];
  for (const [serverId, client] of clients) {
    const answer = await answerOf(serverId, client.poolState(instance, { signal: terminal.interrupted }));
    terminal.interrupted.throwIfAborted();
    // A server that cannot vouch for itself and reaches nobody else tells of an empty pool: the next one may know more.
    if ("reply" in answer && Object.keys(answer.reply).length > 0) {
      warnOfStrangers(settings, [client.identity], terminal);
      return answer.reply;
    }
    silent.push(whyNot(answer));
  }
  throw new CommandFailure(
    ExitCode.nobodyReachable,
    "nobody-reachable",
    `no server of the pool answers: ${silent.join("; ")}. Start them with: synod acceptor up 1 2 3 --server-count 3`,
  );
}

function whyNot(answer: Answer<unknown>): string {
  if ("problem" in answer) return `server ${answer.server}: ${answer.problem.detail}`;
  return "noAnswer" in answer ? answer.noAnswer.message : `server ${answer.server} knows of no state`;
}

async function watch(ask: () => Promise<PoolStateReply>, args: Arguments, terminal: Terminal): Promise<void> {
  const { interrupted } = terminal;
  const spanMs = args["for"] as number | undefined;
  const end = spanMs === undefined ? interrupted : AbortSignal.any([interrupted, AbortSignal.timeout(spanMs)]);
  let last = "";
  while (!end.aborted) {
    const state = await ask();
    const now = JSON.stringify(state);
    if (now !== last) print(state, args, terminal, now);
    last = now;
    // An abort ends the pause early, and the loop with it.
    await delay(args["interval"] as number, undefined, { signal: end }).catch(() => {});
  }
  interrupted.throwIfAborted();
}

/** @param line the state on one line, when it is one of many */
function print(state: PoolStateReply, args: Arguments, terminal: Terminal, line?: string): void {
  if (!args["table"] || terminal.json) {
    terminal.data(`${line ?? JSON.stringify(state, null, 2)}\n`);
    return;
  }
  const rows = Object.entries(state).map(([server, one]) => [server, ...cells(one)]);
  for (const row of table(["server", "promised", "accepted", "value"], rows)) terminal.line(row);
  if (line !== undefined) terminal.line();
}

function cells(state: StateReply): string[] {
  const promised = state.promisedId < 0 ? "-" : String(state.promisedId);
  if ("truncated" in state) return [promised, "-", `(truncated through ${state.truncatedThrough})`];
  const nothing = state.acceptedValue === null;
  return [promised, nothing ? "-" : String(state.acceptedId), nothing ? "-" : JSON.stringify(state.acceptedValue)];
}

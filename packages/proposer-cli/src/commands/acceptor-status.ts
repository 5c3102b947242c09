import { readPidFile } from "@synod/acceptor-server/pid-file";
import type { StateReply } from "@synod/api";
import { majorityOf } from "@synod/consensus";
import { runningAcceptor } from "../acceptor-process.js";
import type { Answer } from "../asking.js";
import { askAll, withServers } from "../pool-connection.js";
import { addressOf, idsUpTo, POOL_OPTIONS, type PoolSettings, poolSettings, TIMEOUT_OPTION } from "../pool-settings.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { table } from "../terminal/table.js";
import { INSTANCE_OPTION } from "../value-option.js";
import { recordOf, urlOf } from "./acceptor-pool.js";

export const acceptorStatus: Command = {
  usage: "acceptor status",
  summary: "Show which acceptors of the pool are up, and what they hold; exits 4 without a majority, 3 if none is up",
  examples: [
    ["synod acceptor status", "a table"],
    ["synod acceptor status --json | jq '.acceptors[] | select(.up | not).server'", "those that are down"],
  ],
  options: { ...INSTANCE_OPTION, ...TIMEOUT_OPTION, ...POOL_OPTIONS },
  run: async (args, terminal) => {
    const settings = poolSettings(args, terminal);
    const { serverCount } = recordOf(settings, terminal);
    const ids = idsUpTo(serverCount);
    const instance = args["instance"] as number;
    const answers = await withServers(settings, ids, args["timeout"] as number, terminal, (clients) =>
      askAll(clients, (client) => client.state(instance, { signal: terminal.interrupted }), terminal),
    );
    const acceptors = answers.map((answer) => describe(settings, answer));
    for (const row of table(
      ["server", "address", "pid", "status", "promised", "accepted", "value"],
      acceptors.map(cells),
    )) {
      terminal.line(row);
    }
    const upCount = acceptors.filter(({ up }) => up).length;
    const document = {
      serverCount,
      majorityRequired: majorityOf(serverCount),
      up: upCount,
      acceptors,
      warnings: terminal.warnings,
    };
    return { exitCode: exitCodeOf(upCount, serverCount), document };
  },
};

interface AcceptorStatus {
  readonly server: number;
  readonly address: string;
  readonly pid: number | null;
  readonly up: boolean;
  /** `up`, `down`, or what else is the matter. */
  readonly status: string;
  readonly state: StateReply | null;
}

function describe(settings: PoolSettings, answer: Answer<StateReply>): AcceptorStatus {
  const { server } = answer;
  const process = runningAcceptor(settings.folder, server);
  const up = "reply" in answer;
  return {
    server,
    address: urlOf(process?.address ?? addressOf(settings, server)),
    pid: process?.pid ?? null,
    up,
    status: statusOf(settings, answer, process !== null),
    state: up ? answer.reply : null,
  };
}

function statusOf({ folder }: PoolSettings, answer: Answer<StateReply>, hasProcess: boolean): string {
  if ("reply" in answer) return hasProcess ? "up" : "up (not started here)";
  if ("problem" in answer) return `refuses: ${answer.problem.code}`;
  const { reason } = answer.noAnswer;
  if (hasProcess) return `running, but no answer (${reason})`;
  if (reason !== "refused") return `down (at its address: ${reason})`;
  return readPidFile(folder.pidFile(answer.server)) ? "down (ended without saying so)" : "down";
}

function cells({ server, address, pid, status, state }: AcceptorStatus): string[] {
  const accepted = state && "acceptedId" in state && state.acceptedValue !== null ? state : null;
  return [
    String(server),
    address,
    pid === null ? "-" : String(pid),
    status,
    state === null || state.promisedId < 0 ? "-" : String(state.promisedId),
    accepted ? String(accepted.acceptedId) : "-",
    accepted ? legible(JSON.stringify(accepted.acceptedValue)) : "-",
  ];
}

function exitCodeOf(upCount: number, serverCount: number): ExitCode {
  if (upCount >= majorityOf(serverCount)) return ExitCode.done;
  return upCount > 0 ? ExitCode.noConsensus : ExitCode.nobodyReachable;
}

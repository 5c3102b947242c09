import type { AcceptorClient } from "@synod/client";
import type { Options } from "yargs";
import { acceptorsHere } from "../acceptors-here.js";
import { type Answer, answerLine, askInOrder, isAnswered, listOf, noteTrouble } from "../asking.js";
import { withServers } from "../pool-connection.js";
import { nobodyAnswers, POOL_OPTIONS, type PoolSettings, TIMEOUT_OPTION } from "../pool-settings.js";
import type { Arguments, Result } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { serverIds } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import { ID_OPTION, INSTANCE_OPTION } from "../value-option.js";

/** What `send-prepare` and `send-accept` have in common: one message to an explicit list of servers. */
export const SEND_OPTIONS = {
  ...ID_OPTION,
  "server-ids": {
    type: "array",
    string: true,
    demandOption: true,
    describe: "The servers to send to, by id, in this order",
    coerce: serverIds("--server-ids"),
  },
  ...INSTANCE_OPTION,
  ...TIMEOUT_OPTION,
  ...POOL_OPTIONS,
} as const satisfies Record<string, Options>;

export interface Message<T> {
  readonly phase: "prepare" | "accept";
  /** What the last line lists: `promise` or `accepts`. */
  readonly wanted: string;
  /** Beside the servers and the id, what the first lines and the document tell. */
  readonly value?: string;
  send(client: AcceptorClient, terminal: Terminal): Promise<T>;
}

/** Sends the message to all of them at once and tells what each answered. */
export async function sendMessage<T extends { ignored: boolean }>(
  message: Message<T>,
  args: Arguments,
  terminal: Terminal,
): Promise<Result> {
  const settings = acceptorsHere(args, terminal);
  const contacted = args["server-ids"] as number[];
  if (contacted.length === 0) throw new UsageError("--server-ids names no server");
  refuseStrangers(settings, contacted);
  const { id, instance } = args;
  terminal.line(`Contacting servers: ${listOf(contacted)}`);
  terminal.line(`ID: ${id}`);
  if (message.value !== undefined) terminal.line(`Client value: ${legible(message.value)}`);

  const tell = (answer: Answer<T>) => {
    terminal.line(answerLine(message.phase, answer.server, answer));
    noteTrouble(answer, terminal);
  };
  const answers = await withServers(settings, contacted, args["timeout"] as number, terminal, (clients) =>
    askInOrder(clients, (client) => message.send(client, terminal), tell, terminal),
  );
  const granted = answers.filter(isGranted).map(({ server }) => server);
  terminal.line(`Received ${message.wanted} from: ${listOf(granted)}`);
  const value = message.value === undefined ? {} : { value: message.value };
  const document = { id, instance, ...value, contacted, answers, receivedFrom: granted, warnings: terminal.warnings };
  const exitCode = exitCodeOf(answers, granted);
  if (exitCode === ExitCode.nobodyReachable) terminal.note(nobodyAnswers(settings, contacted));
  return { exitCode, document };
}

/** Whether a server did what it was asked. */
function isGranted(answer: Answer<{ ignored: boolean }>): boolean {
  return "reply" in answer && !answer.reply.ignored;
}

function exitCodeOf(answers: readonly Answer<unknown>[], granted: readonly number[]): ExitCode {
  if (granted.length > 0) return ExitCode.done;
  return answers.some(isAnswered) ? ExitCode.noConsensus : ExitCode.nobodyReachable;
}

function refuseStrangers({ serverCount }: PoolSettings, serverIds: readonly number[]): void {
  const stranger = serverCount === null ? undefined : serverIds.find((id) => id > serverCount);
  if (stranger === undefined) return;
  throw new UsageError(`--server-ids names server ${stranger}, but the pool's servers are 1..${serverCount}`);
}

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isLoopback } from "@synod/api";
import type { RingHosts } from "@synod/ring/hosts-file";
import { removedAtLatestAtEnd } from "../bench/own-folder.js";
import { endsInOrderWhenTold } from "../bench/told-to-end.js";
import { FAILING_PHASES } from "../ring/failing.js";
import { type ClientAsked, clientsAsked, clientsToRun, nodesToFail, uids } from "../ring/run-options.js";
import { type ClientEnd, type RingRunEnd, runRing } from "../ring/run-ring.js";
import { CLIENT_TIMEOUT_OPTION, PATIENCE_OPTIONS, readHosts } from "../ring/settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { name, text } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

export const ringRun: Command = {
  usage: "ring run [hosts]",
  summary: "Start every node of a hosts file on this machine, and clients; print what is chosen, and stop them again",
  examples: [
    ["synod ring run hosts.txt --value 210", "the first client sets 210, by the first proposer"],
    ["synod ring run --client 9=210@0 --client 10=300@1", "two clients that disagree, each by a proposer of its own"],
    ["synod ring run --value 210 --fail 3,4", "two acceptors die of the first prepare"],
  ],
  positionals: { hosts: { type: "string", default: "hosts.txt", describe: "The hosts file" } },
  options: {
    value: {
      type: "string",
      describe: "What the first client sets that --client does not name, by the first proposer",
      coerce: text("--value"),
    },
    client: {
      type: "string",
      array: true,
      describe: "A client, what it sets, and by which proposer: UID=VALUE@PROPOSER; may be given again",
      coerce: clientsAsked,
    },
    fail: { type: "string", describe: "Nodes that fail, by UID: 3,4,1", coerce: uids("--fail") },
    "fail-at": {
      choices: FAILING_PHASES,
      default: "phase-1",
      describe: "When they fail: upon the first message of this phase that reaches them in their role",
    },
    home: {
      type: "string",
      describe: "Where nodes keep their state, to go on from it (default: a new folder, removed at the end)",
      coerce: name("--home"),
    },
    ...CLIENT_TIMEOUT_OPTION,
    ...PATIENCE_OPTIONS,
  },
  run: run,
};

async function run(args: Arguments, terminal: Terminal): Promise<Result> {
  const hostsFile = String(args["hosts"]);
  const hosts = readHosts(hostsFile);
  refuseOtherMachines(hosts, hostsFile);
  const clients = clientsToRun(hosts, args["value"] as string | undefined, args["client"] as ClientAsked[] | undefined);
  const failing = nodesToFail(hosts, args["fail"] as number[] | undefined);
  const given = args["home"] as string | undefined;
  const home = given ?? mkdtempSync(path.join(tmpdir(), "synod-ring-"));
  const remove = given === undefined ? removedAtLatestAtEnd(home, () => {}) : () => {};
  const signalsAsBefore = endsInOrderWhenTold();
  try {
    const end = await runRing(
      {
        hosts,
        hostsFile,
        home,
        clients,
        failing,
        failAt: args["fail-at"] as string,
        timeoutMs: args["timeout"] as number,
        nodeWords: ["--patience", `${args["patience"]}ms`, "--gather", `${args["gather"]}ms`],
      },
      terminal,
    );
    return resultOf(end, terminal);
  } finally {
    signalsAsBefore();
    remove();
  }
}

/** @throws {UsageError} for a host that this command cannot start anything on */
function refuseOtherMachines({ hosts }: RingHosts, file: string): void {
  const other = hosts.find(({ address }) => !isLoopback(address.host));
  if (other === undefined) return;
  const { line, kind, uid, address } = other;
  throw new UsageError(
    `${file} line ${line}: ${address.host} is another machine: start it there (synod ring ${kind} ${uid})`,
  );
}

function resultOf({ clients, lines, died }: RingRunEnd, terminal: Terminal): Result {
  for (const { said, exitCode } of clients) if (exitCode !== ExitCode.done) terminal.note(said);
  const values = new Set(clients.flatMap(({ value }) => (value === null ? [] : [value])));
  if (values.size > 1) {
    const told = [...values].map((value) => JSON.stringify(value)).join(" and ");
    throw new CommandFailure(ExitCode.safetyViolated, "two-values", `clients were told different values: ${told}`);
  }
  const leaders = lines.flatMap((line) => /^Node ID (\d+) IS THE LEADER$/.exec(line)?.[1] ?? []).map(Number);
  const roles = lines.flatMap((line) => {
    const [, uid = "", role = ""] = /^Node ID (\d+) is running as a ([A-Z]+)$/.exec(line) ?? [];
    return uid === "" ? [] : [[uid, role.toLowerCase()] as const];
  });
  const [value = null] = values;
  const document = { value, leaders, roles: Object.fromEntries(roles), clients: clients.map(withoutProse), died };
  return { exitCode: worstOf(clients), document };
}

function withoutProse({ uid, asked, value, exitCode }: ClientEnd) {
  return { uid, asked, value, exitCode };
}

/** Of several clients, what the first says that heard no value. */
function worstOf(clients: readonly ClientEnd[]): ExitCode {
  return (clients.find(({ exitCode }) => exitCode !== ExitCode.done)?.exitCode ?? ExitCode.done) as ExitCode;
}

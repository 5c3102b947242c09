import { formatAddress, MOST_DIFFICULTY } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "@synod/client";
import { CommonChain } from "../chain/agreement.js";
import { folderSources } from "../chain/folder-source.js";
import { noChain, type Silent } from "../chain/no-chain.js";
import { serverSource } from "../chain/server-source.js";
import type { ChainSource } from "../chain/source.js";
import { isAllRight, verdictLines } from "../chain/verdict-text.js";
import { type SourceVerdict, type VerifyOptions, verifySource } from "../chain/verify-source.js";
import { CHAIN_OPTIONS, chosenServers } from "../chain/which-servers.js";
import type { Arguments, Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** After a second somebody may wonder; then half as often each time. */
const FIRST_NOTE_MS = 1000;

const ALONE =
  "only one chain was looked at: a tail that somebody rewrote, with all its hashes anew, is found by comparing it with that of " +
  "another server alone";

export const ledgerVerify: Command = {
  usage: "ledger verify",
  summary:
    "Check a ledger's chain: every block, every link, the map that it spells, and that all servers have the same",
  examples: [
    ["synod ledger verify", "all servers: each by itself, and whether they agree; exit 6 if anything is wrong"],
    ["synod ledger verify --server 2", "one of them"],
    ["synod ledger verify --data .synod/clusters/ledger/server1", "a server's files, also while it is down"],
    ["synod ledger verify --json | jq .verified", "for a program"],
  ],
  options: {
    data: {
      type: "string",
      array: true,
      describe: "Folders of servers, or of a whole cluster, in place of servers that run",
    },
    difficulty: {
      type: "string",
      describe: "With --data: the ledger's difficulty, where no cluster.json beside the folder says it (default 0)",
      coerce: wholeNumber("--difficulty", 0, MOST_DIFFICULTY),
    },
    ...CHAIN_OPTIONS,
  },
  run: async (args, terminal) => {
    refuseWhatDoesNotFit(args);
    const silent: Silent[] = [];
    const sources = args["data"] === undefined ? await serversAsked(args, terminal, silent) : foldersAsked(args);
    const verdicts = await verifyAll(sources, args, terminal, silent);
    if (verdicts.length === 0) throw noChain(silent);
    const notChecked = silent.map(({ place, error }) => ({ place, why: error.message }));
    for (const { place, why } of notChecked) terminal.warn(`${place} was not checked: ${why}`);
    for (const { name, remarks } of verdicts) for (const remark of remarks) terminal.warn(`${name}, ${remark}`);
    for (const line of verdictLines(verdicts)) terminal.line(line);
    if (verdicts.length === 1) terminal.note(ALONE);
    const verified = verdicts.every(isAllRight);
    const document = { verified, servers: verdicts, notChecked, warnings: terminal.warnings };
    return { exitCode: verified ? ExitCode.done : ExitCode.safetyViolated, document };
  },
};

function refuseWhatDoesNotFit({ data, servers, server, difficulty }: Arguments): void {
  if (data !== undefined && (servers !== undefined || server !== undefined)) {
    throw new UsageError("--data looks at files: it goes with neither --servers nor --server");
  }
  if (data === undefined && difficulty !== undefined) throw new UsageError("--difficulty is for --data");
}

function foldersAsked(args: Arguments): ChainSource[] {
  const folders = args["data"] as string[];
  if (folders.length === 0) throw new UsageError("--data needs a folder");
  return folders.flatMap((folder) => folderSources(folder, args["difficulty"] as number | undefined));
}

async function serversAsked(args: Arguments, terminal: Terminal, silent: Silent[]): Promise<ChainSource[]> {
  const servers = chosenServers(args, terminal);
  const call = { servers, timeoutMs: args["timeout"] as number, signal: terminal.interrupted };
  const asked = servers.addresses.map(async (address) => {
    const open = () => serverSource(address, call);
    return orSilent(`http://${formatAddress(address)}`, open, terminal, silent);
  });
  return (await Promise.all(asked)).flatMap((source) => source ?? []);
}

async function verifyAll(sources: readonly ChainSource[], args: Arguments, terminal: Terminal, silent: Silent[]) {
  const verdicts: SourceVerdict[] = [];
  const options: Omit<VerifyOptions, "onProgress"> = {
    machines: await import("@synod/state-machines"),
    common: new CommonChain(),
    timeoutMs: args["timeout"] as number,
    signal: terminal.interrupted,
  };
  const progress = progressTo(terminal);
  for (const source of sources) {
    const onProgress = (height: number) => progress(source.name, height);
    const verdict = await orSilent(
      source.place,
      () => verifySource(source, { ...options, onProgress }),
      terminal,
      silent,
    );
    if (verdict) verdicts.push(verdict);
  }
  return verdicts;
}

/** Notes who does not answer; whatever else goes wrong is thrown on. */
async function orSilent<T>(
  place: string,
  act: () => Promise<T>,
  { interrupted }: Terminal,
  silent: Silent[],
): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    interrupted.throwIfAborted();
    if (!(error instanceof NoAnswer || error instanceof ProblemAnswer)) throw error;
    silent.push({ place, error });
    return null;
  }
}

/** Says now and then how far a long check is. */
function progressTo(terminal: Terminal): (name: string, height: number) => void {
  const begin = performance.now();
  let nextMs = FIRST_NOTE_MS;
  return (name, height) => {
    if (performance.now() - begin < nextMs) return;
    nextMs *= 2;
    terminal.note(`${name}: ${height.toLocaleString("en-US")} blocks checked so far`);
  };
}

import path from "node:path";
import type { RingHosts } from "@synod/ring/hosts-file";
import { jsonIn } from "../http-exchange.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { interruption } from "./interruption.js";
import { finalLine } from "./lines.js";
import { type MemberProcess, startMember } from "./member-process.js";
import type { ClientAsked } from "./run-options.js";

/** What a run is asked for. */
export interface RingRun {
  readonly hosts: RingHosts;
  readonly hostsFile: string;
  readonly home: string;
  readonly clients: readonly ClientAsked[];
  readonly failing: readonly number[];
  readonly failAt: string;
  readonly timeoutMs: number;
  /** Further words for each node. */
  readonly nodeWords: readonly string[];
}

/** How a client of a run ended. */
export interface ClientEnd {
  readonly uid: number;
  readonly asked: string;
  /** Null if it heard none. */
  readonly value: string | null;
  readonly exitCode: number;
  /** What it said for people. */
  readonly said: string;
}

export interface RingRunEnd {
  readonly clients: readonly ClientEnd[];
  /** The lines of all nodes, in the order in which they came. */
  readonly lines: readonly string[];
  /** Nodes that ended before they were stopped. */
  readonly died: readonly number[];
}

/** How long members that are asked to stop may take, in milliseconds. */
const STOP_WITHIN_MS = 3000;

/** Starts every node and the clients, waits for the clients, and stops what it started. */
export async function runRing(run: RingRun, terminal: Terminal): Promise<RingRunEnd> {
  const lines: string[] = [];
  const died: number[] = [];
  let isStopping = false;
  const print = (line: string) => {
    lines.push(line);
    terminal.line(line);
  };
  let giveUp: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  // Nobody may be waiting for it any more when it comes.
  failed.catch(() => {});
  const nodes = startNodes(run, terminal, print);
  for (const node of nodes) {
    void node.ended.then((code) => {
      if (isStopping) return;
      died.push(node.uid);
      if (run.failing.includes(node.uid) && code === null)
        terminal.note(`node ${node.uid} has failed, as it was asked to`);
      else if (code === 0) terminal.note(`node ${node.uid} has ended`);
      else giveUp(memberEnded(node));
    });
  }
  const clients = run.clients.map((client) => ({ client, process: startClient(run, client, terminal) }));
  try {
    const ends = clients.map(async ({ client, process }) => {
      const end = clientEnd(client, process, await process.ended);
      if (end.value !== null) print(finalLine(end.value));
      return end;
    });
    return { clients: await Promise.race([Promise.all(ends), failed, interruption(terminal)]), lines, died };
  } finally {
    isStopping = true;
    await stopAll([...nodes, ...clients.map(({ process }) => process)]);
  }
}

function startNodes(run: RingRun, terminal: Terminal, print: (line: string) => void): MemberProcess[] {
  const nodes = run.hosts.hosts.filter(({ kind }) => kind === "node");
  terminal.note(`starting ${nodes.length} nodes and ${run.clients.length} clients`);
  return nodes.map(({ uid }) => {
    const fails = run.failing.includes(uid) ? ["--fail-at", run.failAt] : [];
    const words = ["node", String(uid), "--hosts", run.hostsFile, "--home", run.home, "--linger", "forever"];
    return startMember(uid, [...words, ...fails, ...run.nodeWords], terminal.env, print);
  });
}

/** It says what it heard as a document: a value may hold anything, also what looks like lines of others. */
function startClient(
  { hostsFile, timeoutMs }: RingRun,
  { uid, value, proposer }: ClientAsked,
  { env }: Terminal,
): MemberProcess {
  const options = ["--json", "--hosts", path.resolve(hostsFile), "--timeout", `${timeoutMs}ms`];
  return startMember(uid, ["client", ...options, "--", String(uid), value, String(proposer)], env, () => {});
}

function clientEnd(
  { uid, value: asked }: ClientAsked,
  { output, notes }: MemberProcess,
  code: number | null,
): ClientEnd {
  const { value } = (jsonIn(output) ?? {}) as { readonly value?: unknown };
  return {
    ...{ uid, asked, value: typeof value === "string" ? value : null },
    ...{ exitCode: code ?? ExitCode.failure, said: notes.join("\n") },
  };
}

function memberEnded({ uid, notes }: MemberProcess): CommandFailure {
  const said = notes.at(-1)?.replace(/^synod: /, "") ?? "it said nothing";
  return new CommandFailure(ExitCode.failure, "not-started", `node ${uid} has ended: ${said}`);
}

async function stopAll(members: readonly MemberProcess[]): Promise<void> {
  for (const member of members) member.stop("SIGTERM");
  const timer = setTimeout(() => {
    for (const member of members) member.stop("SIGKILL");
  }, STOP_WITHIN_MS);
  await Promise.all(members.map(({ ended }) => ended));
  clearTimeout(timer);
}

import { setImmediate } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import type { Options } from "yargs";
import { type ModelAsked, readModelAsked, withFlags } from "../simulation/asked.js";
import { counted, grouped } from "../simulation/figures.js";
import { listedNames } from "../simulation/lists.js";
import { modelDocument } from "../simulation/model-document.js";
import { type Explored, modelLines } from "../simulation/model-text.js";
import { SIMULATE_OPTIONS } from "../simulation/options.js";
import { Progress } from "../simulation/progress.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { duration, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

const { acceptors, proposers, set, protocol, mutate, properties, diagram } = SIMULATE_OPTIONS;

/** How many states are looked at between two looks at the clock: some milliseconds' worth. */
const STATES_AT_A_TIME = 4096;

const OPTIONS = {
  protocol,
  acceptors,
  proposers,
  learners: { ...SIMULATE_OPTIONS.learners, describe: "How many learners there are (default 0)" },
  attempts: { ...SIMULATE_OPTIONS.attempts, describe: "How often a proposer tries (default 1)" },
  set,
  requests: bound("requests", 1, 10, "How often each proposer is asked to propose a value"),
  crashes: bound("crashes", 1, 100, "How many crashes there are in all, each with a restart"),
  duplicates: bound("duplicates", 0, 100, "How often in all a message arrives and will arrive once more"),
  mutate,
  properties,
  diagram,
  "max-states": {
    type: "string",
    default: "20000000",
    describe: "Stop, with the answer unknown, when so many states were met (it also stops when memory runs short)",
    coerce: wholeNumber("--max-states", 1, 1e9),
  },
  timeout: {
    type: "string",
    default: "600s",
    describe: "Stop, with the answer unknown, after this time",
    coerce: duration("--timeout"),
  },
} as const satisfies Record<string, Options>;

function bound(flag: string, usual: number, most: number, describe: string): Options {
  return { type: "string", default: String(usual), describe, coerce: wholeNumber(`--${flag}`, 0, most) };
}

export const checkModelCommand: Command = {
  usage: "check model",
  summary: "Visit every state of a small world: every order of messages, disk writes, time-outs and crashes",
  examples: [
    ["synod check model", "three acceptors, two proposers, one crash: two million states"],
    ["synod check model --acceptors 2 --duplicates 1", "a smaller pool, in which messages may come twice"],
    ["synod check model --mutate forgets-promise", "the shortest run that shows the flaw (exit 6)"],
    ["synod check model --mutate drops-found-value --properties agreement", "that loses the agreement"],
  ],
  options: OPTIONS,
  run: async (args, terminal) => {
    const simulator = await import("@synod/simulator");
    const listed = await listedNames(simulator, args, terminal);
    if (listed) return listed;
    const asked = await readModelAsked(simulator, args);
    const exploration = withFlags(() => new simulator.Exploration(asked.system, asked.bounds));
    const { stoppedBy, wallMs } = await explore(exploration, args, terminal);
    const { experiment, bounds } = asked;
    return tell(asked, { experiment, bounds, result: exploration.result(), wallMs, stoppedBy }, terminal);
  },
};

/** Before Node ends the process for want of memory. */
const MOST_OF_THE_HEAP = 0.85;

function isMemoryShort(): boolean {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return used_heap_size > MOST_OF_THE_HEAP * heap_size_limit;
}

interface Explorable {
  readonly progress: { readonly states: number; readonly explored: number; readonly depth: number };
  advance(count: number): boolean;
}

/** Some states at a time, so that signals and the clock have their turn. */
async function explore(exploration: Explorable, args: Arguments, terminal: Terminal) {
  const { interrupted } = terminal;
  const begin = performance.now();
  const elapsedMs = () => performance.now() - begin;
  const progress = new Progress(terminal, (sinceMs) => {
    const { states, explored, depth } = exploration.progress;
    const rate = grouped(Math.round((states / sinceMs) * 1000));
    return `${counted(states, "state")}, ${grouped(states - explored)} still to look at, depth ${depth}, ${rate}/s`;
  });
  let stoppedBy: string | null = null;
  try {
    while (stoppedBy === null && withFlags(() => exploration.advance(STATES_AT_A_TIME))) {
      await setImmediate();
      if (interrupted.aborted) stoppedBy = "the user";
      else if (elapsedMs() > (args["timeout"] as number)) stoppedBy = "--timeout";
      else if (isMemoryShort()) stoppedBy = "memory";
      else if (exploration.progress.states > (args["max-states"] as number)) stoppedBy = "--max-states";
    }
  } finally {
    progress.end();
  }
  return { stoppedBy, wallMs: elapsedMs() };
}

function tell(asked: ModelAsked, explored: Explored, terminal: Terminal): Result {
  for (const line of modelLines(asked, explored, terminal.colors)) terminal.line(line);
  const { verdict } = explored.result;
  const document = { ...modelDocument(asked, explored), warnings: terminal.warnings };
  if (verdict === "violation") return { exitCode: ExitCode.safetyViolated, document };
  if (terminal.interrupted.aborted) return { exitCode: ExitCode.interrupted, document };
  return { exitCode: verdict === "unknown" ? ExitCode.outcomeUnknown : ExitCode.done, document };
}

import type { BrokenSeed } from "@synod/simulator";
import type { Arguments, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { openWholeFile, type WholeFile } from "../whole-file.js";
import { type Asked, readAsked } from "./asked.js";
import { runCampaign, withThreads } from "./campaign.js";
import { lookCloselyAt } from "./close-look.js";
import { compare } from "./compare.js";
import type { Simulator } from "./experiment.js";
import type { Inquiry } from "./experiment-runner.js";
import { counted, grouped } from "./figures.js";
import { type Findings, neverSeen, provesNothing, scheduleCount } from "./findings.js";
import { flagsOf, listedNames } from "./lists.js";
import { campaignInWords, Progress } from "./progress.js";
import { simulationDocument } from "./simulation-document.js";
import { summaryLines, verdictLines } from "./summary-text.js";
import { violationLines } from "./violation-text.js";

/** What `synod simulate` does: lists what there is, puts protocols side by side, or looks for what breaks one. */
export async function runSimulation(args: Arguments, terminal: Terminal): Promise<Result> {
  const simulator = await import("@synod/simulator");
  if (args["compare"] === true) return compare(simulator, args, terminal);
  return (await listedNames(simulator, args, terminal)) ?? (await simulate(simulator, args, terminal));
}

async function simulate(simulator: Simulator, args: Arguments, terminal: Terminal): Promise<Result> {
  const asked = await readAsked(simulator, args, terminal);
  warnOfSettings(asked, terminal);
  const trace = args["trace"] === undefined ? null : openWholeFile(args["trace"] as string);
  try {
    const findings = await find(asked, terminal, trace !== null);
    return tell(asked, findings, trace, terminal);
  } finally {
    trace?.abandon();
  }
}

/** A flaw that shows in some settings only, planted in others. */
function warnOfSettings({ mutation, given }: Asked, terminal: Terminal): void {
  const { name, settings: needed = {} } = mutation ?? {};
  const others = Object.fromEntries(
    Object.entries(given).filter(([flag, value]) => needed[flag] !== undefined && needed[flag] !== value),
  );
  if (Object.keys(others).length === 0) return;
  terminal.warn(`${name} shows with ${flagsOf(needed)}; with ${flagsOf(others)} it may not`);
}

async function find(asked: Asked, terminal: Terminal, wantsTrace: boolean): Promise<Findings> {
  const { simulator, protocol, experiment, seeds, workers } = asked;
  const { interrupted } = terminal;
  const total = scheduleCount(asked);
  let soFar = () => simulator.NOTHING_RUN;
  const progress = new Progress(terminal, (elapsedMs) => campaignInWords(soFar(), total, elapsedMs));
  const onProgress = (now: typeof soFar) => {
    soFar = now;
  };
  const begin = performance.now();
  try {
    const course = await runCampaign(simulator, protocol, experiment, seeds, { workers, interrupted, onProgress });
    const wallMs = performance.now() - begin;
    const broken = course.summary.broken[0] ?? null;
    progress.turnsTo(() => `seed ${broken?.seed} breaks ${broken?.property}: looking for the least that does`);
    const looksClosely = broken !== null || wantsTrace || total === 1;
    let troubles: string | null = null;
    // Whatever becomes of a closer look: what was found is told.
    const orTrouble = (error: unknown): null => {
      troubles = error instanceof Error ? error.message : String(error);
      return null;
    };
    const inquiry = broken && (await inquire(asked, broken, interrupted).catch(orTrouble));
    const look = async () => lookCloselyAt(asked, broken?.seed ?? seeds.first, wantsTrace);
    const closeLook = looksClosely ? await look().catch(orTrouble) : null;
    return { ...course, wallMs, broken, inquiry, closeLook, troubles };
  } finally {
    progress.end();
  }
}

/** In a thread of its own: to shrink a run of a large pool takes a while, and the user may have seen enough. */
async function inquire({ experiment }: Asked, broken: BrokenSeed, interrupted: AbortSignal): Promise<Inquiry | null> {
  let inquiry: Inquiry | null = null as Inquiry | null;
  await withThreads(1, experiment, interrupted, async (thread) => {
    inquiry = await thread.inquire(broken);
  });
  return inquiry;
}

function tell(asked: Asked, findings: Findings, trace: WholeFile | null, terminal: Terminal): Result {
  const { summary, interrupted, closeLook, broken } = findings;
  const lines = [
    ...summaryLines(asked, findings),
    ...verdictLines(asked, findings, terminal.colors),
    ...violationLines(asked, findings, terminal.colors),
  ];
  for (const line of lines) terminal.line(line);
  if (interrupted) {
    const total = counted(scheduleCount(asked), "schedule");
    terminal.note(`synod: interrupted after ${grouped(summary.schedules)} of ${total}`);
  }
  const failure = failureOf(asked, findings) ?? failureToWrite(trace, closeLook?.trace ?? "");
  if (failure) terminal.note(`synod: ${failure.message}`);
  const { code, message, exitCode } = failure ?? {};
  const document = {
    ...simulationDocument(asked, findings),
    ...(failure ? { error: { code, message, exitCode } } : {}),
    warnings: terminal.warnings,
  };
  // A violation is what was looked for: it counts more than that the user has seen enough, or a file that is not there.
  if (broken) return { exitCode: ExitCode.safetyViolated, document };
  return { exitCode: interrupted ? ExitCode.interrupted : (exitCode ?? ExitCode.done), document };
}

/** A large run in which nothing happened is worse than none. */
function failureOf(asked: Asked, findings: Findings): CommandFailure | null {
  if (!provesNothing(asked, findings)) return null;
  const never = neverSeen(asked, findings).map(({ name }) => name);
  return new CommandFailure(
    ExitCode.failure,
    "never-happened",
    `never happened in ${counted(findings.summary.schedules, "schedule")}: ${never.join(", ")}. ` +
      "So the checks have tested nothing of it",
  );
}

/** What was found is told, whatever becomes of the file. */
function failureToWrite(file: WholeFile | null, text: string): CommandFailure | null {
  try {
    file?.write(text);
    return null;
  } catch (error) {
    if (error instanceof CommandFailure) return error;
    throw error;
  }
}

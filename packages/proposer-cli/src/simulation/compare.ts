import type { Arguments, Result } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { runCampaign } from "./campaign.js";
import { type ComparisonAsked, readComparison } from "./compared.js";
import { comparisonDocument, type EngineFindings, engineDocument } from "./comparison-document.js";
import { comparisonLines } from "./comparison-text.js";
import { type Experiment, engineCalled, type Simulator } from "./experiment.js";
import { campaignInWords, Progress } from "./progress.js";

/** Runs the same schedules with each engine, and tells what each took. */
export async function compare(simulator: Simulator, args: Arguments, terminal: Terminal): Promise<Result> {
  const asked = await readComparison(simulator, args, terminal);
  const findings: EngineFindings[] = [];
  for (const experiment of asked.experiments) {
    const found = await runEngine(asked, experiment, terminal);
    // Columns over other schedules than their neighbours' would compare nothing.
    if (found === null) return interrupted(terminal);
    findings.push(found);
  }
  const engines = findings.map((one) => engineDocument(asked, one));
  for (const line of comparisonLines(asked, engines, terminal.colors)) terminal.line(line);
  const isBroken = engines.some(({ violations }) => violations > 0);
  const document = { ...comparisonDocument(asked, engines), warnings: terminal.warnings };
  return { exitCode: isBroken ? ExitCode.safetyViolated : ExitCode.done, document };
}

/** @returns null if the user ended it before its time */
async function runEngine(
  { simulator, seeds, workers }: ComparisonAsked,
  experiment: Experiment,
  terminal: Terminal,
): Promise<EngineFindings | null> {
  const { protocol: name } = experiment;
  let soFar = () => simulator.NOTHING_RUN;
  const total = seeds.last - seeds.first + 1;
  const progress = new Progress(terminal, (elapsedMs) => `${name}: ${campaignInWords(soFar(), total, elapsedMs)}`);
  try {
    const course = await runCampaign(simulator, engineCalled(simulator, name), experiment, seeds, {
      workers,
      interrupted: terminal.interrupted,
      onProgress: (now) => {
        soFar = now;
      },
    });
    return course.interrupted ? null : { experiment, summary: course.summary };
  } finally {
    progress.end();
  }
}

function interrupted(terminal: Terminal): Result {
  const message = "interrupted before every engine had run its schedules: there is nothing to compare";
  terminal.note(`synod: ${message}`);
  const exitCode = ExitCode.interrupted;
  return { exitCode, document: { error: { code: "interrupted", message, exitCode }, warnings: terminal.warnings } };
}

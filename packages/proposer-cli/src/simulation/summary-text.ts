import type { CampaignSummary, PropertyText } from "@synod/simulator";
import { columns } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import type { Asked } from "./asked.js";
import { counted, grouped, spanInWords } from "./figures.js";
import { type Findings, livenessAsked, neverSeen, provesNothing, scheduleCount } from "./findings.js";
import { elapsedInUs } from "./progress.js";
import { replayCommand } from "./replay-command.js";

/** What was simulated and what happened, as a person reads it. */
export function summaryLines(asked: Asked, findings: Findings): string[] {
  const { protocol, mutation, experiment, system } = asked;
  const settings = Object.entries(experiment.settings).map(([name, value]) => `${name} ${value}`);
  const { counts } = findings.summary;
  const seen = system.sometimes.map(({ name, sentence }) => [name, grouped(counts[name] ?? 0), sentence]);
  return [
    `Simulated ${protocol.name}: ${settings.join(", ")}`,
    ...(mutation ? [`Planted flaw ${mutation.name}: ${mutation.sentence}`] : []),
    "",
    ...indented(columns(figuresOf(asked, findings))),
    "",
    "How often things happened:",
    ...indented(columns(withFiguresAtTheRight(seen))),
    ...faultPlan(findings),
  ];
}

function figuresOf(asked: Asked, { summary, interrupted, wallMs, closeLook }: Findings): string[][] {
  const { schedules, counts, longest, virtualUs } = summary;
  const { seeds } = asked;
  const total = scheduleCount(asked);
  const isOne = total === 1;
  const count = (name: string) => grouped(counts[name] ?? 0);
  const ended = interrupted ? ", interrupted" : ", up to the first violation";
  return [
    isOne ? ["seed", String(seeds.first)] : ["seeds", `${seeds.first}..${seeds.last}`],
    ["schedules", schedules === total ? grouped(total) : `${grouped(schedules)} of ${grouped(total)}${ended}`],
    ["faults", faultsInWords(asked)],
    [
      "messages",
      `${count("messages-sent")} sent, ${count("messages-delivered")} delivered, ${count("messages-lost")} lost`,
    ],
    ["nodes", `${counted(counts["crashes"] ?? 0, "crash", "crashes")}, ${counted(counts["restarts"] ?? 0, "restart")}`],
    ["disks", counted(counts["flushes"] ?? 0, "flush", "flushes")],
    ...Object.entries(longest).flatMap(([name, { us, seed }]) => [
      ["longest time", `${spanInWords(us)} ${name}${isOne ? "" : `, in seed ${seed}:`}`],
      ...(isOne ? [] : [["", replayCommand(asked, seed)]]),
    ]),
    ["virtual time", spanInWords(virtualUs)],
    [
      "real time",
      `${spanInWords(elapsedInUs(wallMs))}, ${grouped(Math.round((schedules / wallMs) * 1000))} schedules/s`,
    ],
    ...(isOne && closeLook ? [["trace digest", closeLook.digest]] : []),
  ];
}

function faultsInWords({ faultsFile, experiment }: Asked): string {
  if (experiment.faults === null) return "random, others in each seed";
  return `${counted(experiment.faults.length, "fault")}, the same in each seed, from ${faultsFile === "-" ? "stdin" : faultsFile}`;
}

/** Of a single seed: all of its faults. */
function faultPlan({ summary, closeLook }: Findings): string[] {
  if (summary.schedules !== 1 || !closeLook) return [];
  if (closeLook.faults.length === 0) return ["", `Seed ${closeLook.seed} has no faults.`];
  return ["", `The faults of seed ${closeLook.seed}:`, ...indented(closeLook.faults)];
}

/** What the run shows: that nothing was broken, or how much was. What broke first is told after it. */
export function verdictLines(asked: Asked, findings: Findings, colors: Terminal["colors"]): string[] {
  const { summary } = findings;
  if (summary.schedules === 0) return ["", "No schedule was run to its end: nothing is shown."];
  if (summary.brokenCount > 0) return asked.experiment.keepsGoing ? ["", ...brokenLines(findings)] : [];
  return ["", ...unbrokenLines(asked, findings, colors), ...heldLines(asked, findings)];
}

function unbrokenLines(asked: Asked, findings: Findings, { red, green }: Terminal["colors"]): string[] {
  const schedules = counted(findings.summary.schedules, "schedule");
  const never = neverSeen(asked, findings);
  if (provesNothing(asked, findings)) {
    return [
      red(`No violation in ${schedules}, but some things never happened that the checks are about:`),
      ...indented(never.map(({ name, sentence }) => `${name}: ${sentence}`)),
    ];
  }
  return [
    asked.mutation
      ? red(`No violation: the checks did not find this flaw in ${schedules}.`)
      : green(`No violation in ${schedules}.`),
    ...(never.length > 0 ? wrapped("  Never happened: ", namesOf(never)) : []),
  ];
}

function heldLines(asked: Asked, { summary }: Findings): string[] {
  const { simulator, system, experiment } = asked;
  const wanted = simulator.propertiesOf(system).filter(({ name }) => experiment.properties?.includes(name) ?? true);
  const always = wanted.filter(({ kind }) => kind === "always");
  return [
    ...(always.length > 0 ? wrapped("  Always held: ", namesOf(always)) : []),
    ...livenessLine(asked, summary, wanted.length > always.length),
  ];
}

/** Whether faults end is the same in all schedules: those of a file are the same, and random ones do. */
function livenessLine(asked: Asked, summary: CampaignSummary, isWanted: boolean): string[] {
  const { liveness } = asked.system;
  if (liveness === null) return [];
  if (!isWanted) return [`  Not asked: ${liveness.name}`];
  return livenessAsked(asked, summary) > 0
    ? [`  In the end: ${liveness.name}`]
    : [`  Not asked, since the faults never end: ${liveness.name}`];
}

function namesOf(properties: readonly PropertyText[]): string[] {
  return properties.map(({ name }) => name);
}

const LINE_WIDTH = 100;

/** A list that goes on below its beginning. */
function wrapped(heading: string, words: readonly string[]): string[] {
  const lines = [""];
  for (const [place, word] of words.entries()) {
    const last = lines.at(-1) ?? "";
    const next = `${word}${place < words.length - 1 ? "," : ""}`;
    if (last !== "" && heading.length + last.length + next.length + 1 > LINE_WIDTH) lines.push(next);
    else lines[lines.length - 1] = last === "" ? next : `${last} ${next}`;
  }
  return lines.map((line, place) => `${place === 0 ? heading : " ".repeat(heading.length)}${line}`);
}

const SEEDS_SHOWN = 10;

function brokenLines({ summary: { schedules, broken, brokenCount, brokenBy } }: Findings): string[] {
  const share = `${((brokenCount / schedules) * 100).toFixed(brokenCount * 10 < schedules ? 2 : 0)}%`;
  const by = Object.entries(brokenBy).sort(([, one], [, other]) => other - one);
  const shown = broken.slice(0, SEEDS_SHOWN).map(({ seed }) => seed);
  return [
    `${grouped(brokenCount)} of ${counted(schedules, "schedule")} (${share}) broke something first:`,
    ...indented(columns(by.map(([name, count]) => [name, grouped(count)]))),
    `The first such seeds: ${shown.join(", ")}${brokenCount > shown.length ? ", ..." : ""}`,
  ];
}

function withFiguresAtTheRight(rows: readonly string[][]): string[][] {
  const width = Math.max(...rows.map(([, figure = ""]) => figure.length));
  return rows.map(([name = "", figure = "", ...rest]) => [name, figure.padStart(width), ...rest]);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

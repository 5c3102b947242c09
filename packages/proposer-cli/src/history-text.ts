import type { Account, CheckReport, History, KeyReport } from "@synod/simulator";
import type { Simulator } from "./simulation/experiment.js";
import type { Terminal } from "./terminal/terminal.js";

type Colors = Terminal["colors"];

/** Operations of the order that are printed; the document and the page have all of it. */
const ORDER_SHOWN = 5;

/** Keys that are named in one line. */
const KEYS_SHOWN = 8;

/** A verdict as a person reads it: what it is, where it breaks and why. */
export function historyLines(simulator: Simulator, history: History, report: CheckReport, colors: Colors): string[] {
  const { operationCount, clientCount, model } = history;
  const { counted } = simulator;
  const counts = [
    counted(operationCount, "operation", "operations"),
    counted(clientCount, "process", "processes"),
    counted(report.keys.length, "key", "keys"),
  ].join(", ");
  switch (report.verdict) {
    case "linearizable":
      return [colors.green(`LINEARIZABLE: there is an order that explains every result (${counts}, ${model.name}).`)];
    case "unknown":
      return [
        colors.yellow(`UNKNOWN: no order was found, and not every order was tried (${counts}, ${model.name}).`),
        ...undecidedLines(simulator, report.keys),
        "  More can be given with --timeout and --memory; shorter histories with fewer clients are easier.",
      ];
    case "violation":
      return [
        colors.red(`VIOLATION: no order explains every result (${counts}, ${model.name}).`),
        ...violationLines(simulator, history, report, colors),
        ...otherLines(simulator, report),
        ...undecidedLines(simulator, report.keys),
      ];
  }
}

function violationLines(
  simulator: Simulator,
  { model }: History,
  { violation }: CheckReport,
  colors: Colors,
): string[] {
  if (!violation) return [];
  const account = simulator.accountOf(violation, model);
  const { history, breach } = violation;
  return [
    "",
    sentence(account.fine),
    ...orderLines(simulator, account),
    "",
    colors.bold(sentence(account.claim)),
    ...[account.instead, ...account.reasons, account.caveat].filter((text) => text !== "").map((text) => `  ${text}`),
    "",
    ...simulator.intervalPicture(history.operations, breach.culprit).map((line) => `  ${line}`),
  ];
}

function orderLines({ counted }: Simulator, { order }: Account): string[] {
  if (order.length === 0) return [];
  const left = order.length - ORDER_SHOWN;
  const shown = order.slice(-ORDER_SHOWN).map((text) => `  ${text}`);
  return left > 0 ? [`  ... ${counted(left, "operation", "operations")}, then`, ...shown] : shown;
}

/** The other keys that break. */
function otherLines({ keyName }: Simulator, { keys, violation }: CheckReport): string[] {
  const others = keys.filter(({ breach, history }) => breach && history !== violation?.history);
  if (others.length === 0) return [];
  const named = others
    .slice(0, KEYS_SHOWN)
    .map(({ history, breach }) => `${keyName(history.key)} (line ${breach?.culprit.returnLine})`);
  return ["", `Also broken: ${named.join(", ")}${more(others.length)}`];
}

function undecidedLines({ keyName }: Simulator, keys: readonly KeyReport[]): string[] {
  const undecided = keys.filter(({ verdict }) => verdict === "unknown");
  if (undecided.length === 0) return [];
  const named = undecided
    .slice(0, KEYS_SHOWN)
    .map(({ history, limit }) => `${keyName(history.key)} (${history.operations.length} operations, ${limit} ran out)`);
  return [`  undecided: ${named.join(", ")}${more(undecided.length)}`];
}

function more(count: number): string {
  return count > KEYS_SHOWN ? ` and ${count - KEYS_SHOWN} more` : "";
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

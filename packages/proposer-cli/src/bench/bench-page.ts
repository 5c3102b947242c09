import { escaped, htmlPage } from "@synod/simulator/html-page";
import { counted, grouped } from "../simulation/figures.js";
import { chartsByConnections, chartsOfTimes } from "./bench-charts.js";
import { BENCH_PAGE_STYLE } from "./bench-page-style.js";
import { type BenchReport, latenciesOf, type Run, type TargetReport } from "./bench-report.js";
import { errorsInWords, milliseconds, settingsInWords } from "./bench-text.js";

/**
 * What was measured as a page of HTML that stands alone: how many requests were answered, how their times are distributed,
 * and every figure as a table.
 *
 * @param at when it was measured
 */
export function benchPage(report: BenchReport, at: Date): string {
  const { settings, targets, machine } = report;
  const title = `${targets.map(({ name }) => name).join(" and ")}: ${settingsInWords(settings)}`;
  const { processor, cores, node, platform } = machine;
  const body = `<header>
<h1>${targets.map(({ name }) => escaped(name)).join(" and ") || "Nothing"}, measured</h1>
<p>${escaped(settingsInWords(settings))}.</p>
${targets.map(({ name, about }) => `<p class="dim">${name}: ${escaped(about)}.</p>`).join("\n")}
<p class="dim">${escaped(processor)}, ${counted(cores, "core")}, Node ${node}, ${platform}; seed ${settings.seed}; <time datetime="${at.toISOString()}">${at.toISOString().slice(0, 16).replace("T", " ")} UTC</time>.</p>
${report.interrupted ? `<p class="bad">Interrupted: this is what was measured until then.</p>` : ""}
${tiles(report)}
</header>
<main>
${chartsByConnections(report)}
${chartsOfTimes(report)}
${figures(report)}
${explanation(report)}
</main>`;
  return htmlPage({ title, style: BENCH_PAGE_STYLE, body });
}

/** The best that each target did. */
function tiles({ targets }: BenchReport): string {
  const items = targets.flatMap(({ name, runs }) => {
    const best = [...runs].sort((one, other) => other.rate - one.rate)[0];
    if (!best || best.rate === 0) return [];
    const p99s = latenciesOf(best).map(
      ([operation, { p99 }]) => `; 99 % of ${operation}s within ${milliseconds(p99)} ms`,
    );
    const where = `at ${counted(best.concurrency, "connection")}${p99s.join("")}`;
    return [`<li>${name}, at its best<b>${grouped(Math.round(best.rate))}/s</b><span class="dim">${where}</span></li>`];
  });
  return items.length === 0 ? "" : `<ul class="tiles">${items.join("\n")}</ul>`;
}

function figures({ targets }: BenchReport): string {
  const header = ["target", "", "connections", "a second", "p50, ms", "p90", "p99", "p99.9", "max", "errors"];
  const rows = targets.flatMap(({ name, runs }) => runs.flatMap((run) => figureRows(name, run)));
  const errors = targets.flatMap(({ name, runs }) =>
    runs
      .filter((run) => Object.keys(run.errors).length > 0)
      .map(
        (run) =>
          `<li class="bad">${name} at ${counted(run.concurrency, "connection")}: ${escaped(errorsInWords(run.errors))}</li>`,
      ),
  );
  return `<h2 id="figures">All figures</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="figures"><table>
<thead><tr>${header.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>
${errors.length === 0 ? "" : `<h2>What went wrong</h2><ul>${errors.join("\n")}</ul>`}`;
}

function figureRows(target: TargetReport["name"], run: Run): string[] {
  const { concurrency, rate, errors, isWhole, seconds } = run;
  const operations = latenciesOf(run);
  const all = operations.reduce((sum, [, { count }]) => sum + count, 0);
  const failed = grouped(Object.values(errors).reduce((sum, count) => sum + count, 0));
  const cut = isWhole ? "" : ` (after ${seconds.toFixed(1)} s)`;
  const row = (operation: string, cells: readonly string[]) =>
    `<tr><th scope="row">${target}</th><th>${operation}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  if (operations.length === 0)
    return [row("", [`${concurrency}${cut}`, grouped(Math.round(rate)), "", "", "", "", "", failed])];
  return operations.map(([operation, { count, p50, p90, p99, p999, max }], place) => {
    const times = [p50, p90, p99, p999, max].map(milliseconds);
    // Errors are of the measurement, and not of one operation.
    const last = place === 0 ? failed : "";
    return row(operation, [`${concurrency}${cut}`, grouped(Math.round((rate * count) / all)), ...times, last]);
  });
}

function explanation({ settings: { rate, warmUpMs } }: BenchReport): string {
  const loop =
    rate === null
      ? "A closed loop: each connection asks again as soon as it is answered. A store that stalls is then asked less, so " +
        "these times are those of that many clients who wait for each other, not of users who come whether or not it stalls; " +
        "for them there is <code>--rate</code>."
      : "An open loop: requests were due at a steady rate, and the time of each runs from when it was due, also while it " +
        "waited for a connection to be free.";
  return `<h2 id="how">How it was measured</h2>
<p>${loop}</p>
<p>Connections are kept open, with one request under way on each, sent by one process of Node, which takes its share of the machine. ${warmUpMs === 0 ? "Nothing was warmed up." : `Before each measurement the same was done for ${warmUpMs / 1000} s without being counted.`} Times are kept in histograms to three figures. Compare within one run.</p>`;
}

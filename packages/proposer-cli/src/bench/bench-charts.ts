import { escaped } from "@synod/simulator/html-page";
import { counted, grouped } from "../simulation/figures.js";
import { type BenchReport, latenciesOf, type Run, type TargetReport } from "./bench-report.js";
import { milliseconds } from "./bench-text.js";
import { ACROSS, drawnChart, type Line, UPWARDS } from "./chart.js";
import { countScale, percentScale, type Scale, timeScale } from "./chart-scale.js";
import { OPERATIONS } from "./options.js";

/** The charts of a page about measurements; where there is nothing to draw, there is no text either. */

/** Rates and times against the number of connections. */
export function chartsByConnections(report: BenchReport): string {
  const { targets } = report;
  const levels = targets.flatMap(({ runs }) => runs.map(({ concurrency }) => concurrency));
  if (levels.length === 0) return "";
  const x = steps([...new Set(levels)].sort((one, other) => one - other));
  return `<h2 id="connections">By connections</h2>
${legend(report)}
<div class="charts">${rateChart(targets, x)}${p99Chart(targets, x)}</div>`;
}

function rateChart(targets: readonly TargetReport[], x: Scale): string {
  const lines = targets.map(({ name, runs }): Line => {
    const points = inOrder(runs).map(({ concurrency, rate }) => [concurrency, rate] as const);
    const labels = points.map(([, rate]) => grouped(Math.round(rate)));
    return { name: `${name}: ${said(points, labels)}`, styles: [name], points, labels };
  });
  const most = Math.max(...lines.flatMap(({ points }) => points.map(([, rate]) => rate)));
  const title = "Answers a second";
  const chart = { title, x, y: countScale(most, ...UPWARDS), xName: "connections", lines };
  return figure(title, drawnChart(chart, "rate-chart"));
}

function p99Chart(targets: readonly TargetReport[], x: Scale): string {
  const lines = targets
    .flatMap(({ name, runs }) =>
      OPERATIONS.map((operation): Line => {
        const points = inOrder(runs).flatMap(({ concurrency, latencies }) => {
          const p99 = latencies[operation]?.p99;
          return p99 === undefined ? [] : [[concurrency, p99] as const];
        });
        const values = points.map(([, p99]) => `${milliseconds(p99)} ms`);
        // Lines may lie close together here: what would be written at one would hide another.
        const labels = points.map(() => "");
        return { name: `${name}, ${operation}: ${said(points, values)}`, styles: [name, operation], points, labels };
      }),
    )
    .filter(({ points }) => points.length > 0);
  if (lines.length === 0) return "";
  const times = lines.flatMap(({ points }) => points.map(([, p99]) => p99));
  const title = "99 % of requests took at most";
  const y = timeScale(Math.min(...times), Math.max(...times), ...UPWARDS);
  return figure(title, drawnChart({ title, x, y, xName: "connections", lines }, "p99-chart"));
}

/** A chart for each number of connections, all with the same scales, so that they can be compared. */
export function chartsOfTimes(report: BenchReport): string {
  const { targets, settings } = report;
  const all = targets.flatMap(({ runs }) => runs.flatMap(latenciesOf).map(([, latency]) => latency));
  if (all.length === 0) return "";
  const least = Math.min(...all.map(({ min }) => min));
  const y = timeScale(least, Math.max(...all.map(({ max }) => max)), ...UPWARDS);
  const x = percentScale(Math.max(...all.map(({ count }) => count)), ...ACROSS);
  const charts = settings.concurrency.flatMap((level) => {
    const lines = targets.flatMap(({ name, runs }) =>
      runs.filter(({ concurrency }) => concurrency === level).flatMap((run) => timeLines(name, run)),
    );
    const heading = counted(level, "connection");
    const chart = { title: `Times at ${heading}`, x, y, xName: "so many requests took at most", lines };
    return lines.length === 0 ? [] : [figure(heading, drawnChart(chart, `times-chart-${level}`))];
  });
  return `<h2 id="times">How long requests took</h2>
<p class="dim">Each step to the right leaves a tenth: the slowest of ten requests, of a hundred, of a thousand.</p>
${legend(report)}
<div class="charts">${charts.join("\n")}</div>`;
}

function timeLines(target: TargetReport["name"], run: Run): Line[] {
  return latenciesOf(run).map(([operation, { count, distribution, min, p50, p99 }]) => ({
    name: `${target}, ${operation}: half at most ${milliseconds(p50)} ms, 99 % at most ${milliseconds(p99)} ms`,
    styles: [target, operation],
    // The slowest of n requests stands where one in n is left.
    points: [[0, min], ...distribution.map(([percent, ms]) => [Math.min(percent, 100 - 100 / count), ms] as const)],
    labels: [],
  }));
}

/** Numbers of connections, each as far from the next as from the one before. */
function steps(values: readonly number[]): Scale {
  const [begin, end] = ACROSS;
  const at = (value: number) => begin + ((values.indexOf(value) + 0.5) / values.length) * (end - begin);
  return { at, ticks: values.map((value) => ({ value, label: grouped(value), isMajor: false })) };
}

function inOrder(runs: readonly Run[]): Run[] {
  return [...runs].sort((one, other) => one.concurrency - other.concurrency);
}

function said(points: Line["points"], values: readonly string[]): string {
  return points.map(([concurrency], place) => `${values[place]} at ${concurrency}`).join(", ");
}

/** Which colour and which dashes are what. */
function legend({ targets, settings: { mix } }: BenchReport): string {
  const shown = OPERATIONS.filter((operation) => mix[operation] > 0);
  const items = targets.flatMap(({ name }) =>
    shown.map(
      (operation) =>
        `<li><svg viewBox="0 0 38 10" aria-hidden="true" class="${name} ${operation}"><line x1="1" x2="37" y1="5" y2="5"/></svg>${name}, ${operation}</li>`,
    ),
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

function figure(heading: string, drawing: string): string {
  return `<figure><h3>${escaped(heading)}</h3>${drawing}</figure>`;
}

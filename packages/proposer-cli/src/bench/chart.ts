import { escaped } from "@synod/simulator/html-page";
import type { Scale } from "./chart-scale.js";

/** A chart's size in its own units; on the page it is as wide as there is room. */
const [WIDTH, HEIGHT] = [480, 300];
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 464, 22, 262];

/** Between which two places each axis runs: from left to right, and from the bottom up. */
export const ACROSS = [LEFT, RIGHT] as const;
export const UPWARDS = [BOTTOM, TOP] as const;

/** One line of a chart. */
export interface Line {
  /** For people who hear the chart, or point at the line. */
  readonly name: string;
  /** Which colour and which dashes, see the page's style. */
  readonly styles: readonly string[];
  readonly points: readonly (readonly [x: number, y: number])[];
  /** What stands at each point, where each is a measurement of its own; else none. */
  readonly labels: readonly string[];
}

export interface Chart {
  readonly title: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly xName: string;
  readonly lines: readonly Line[];
}

/** Draws a chart as SVG that stands in a page. @param id of its title: one that nothing else on the page has */
export function drawnChart({ title, x, y, xName, lines }: Chart, id: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}">
<title id="${id}">${escaped(title)}: ${escaped(lines.map(({ name }) => name).join("; "))}</title>
${y.ticks.map(rowTick(y)).join("\n")}
${x.ticks.map(columnTick(x)).join("\n")}
<text class="name" x="${RIGHT}" y="${HEIGHT - 4}" text-anchor="end">${escaped(xName)}</text>
${lines.map((line) => drawnLine(line, x, y)).join("\n")}
</svg>`;
}

function rowTick(y: Scale) {
  return ({ value, label, isMajor }: Scale["ticks"][number]) => {
    const at = rounded(y.at(value));
    return `<line class="grid${isMajor ? " major" : ""}" x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${label}</text>`;
  };
}

function columnTick(x: Scale) {
  return ({ value, label, isMajor }: Scale["ticks"][number]) => {
    const at = rounded(x.at(value));
    return `<line class="grid${isMajor ? " major" : ""}" x1="${at}" x2="${at}" y1="${TOP}" y2="${BOTTOM}"/><text x="${at}" y="${BOTTOM + 16}" text-anchor="middle">${label}</text>`;
  };
}

function drawnLine({ name, styles, points, labels }: Line, x: Scale, y: Scale): string {
  const places = points.map(([across, up]) => [rounded(x.at(across)), rounded(y.at(up))] as const);
  const path = places.map(([across, up]) => `${across},${up}`).join(" ");
  const marks = labels.map((label, place) => {
    const [across, up] = places[place] as readonly [number, number];
    return `<circle cx="${across}" cy="${up}" r="3.5"/>${label === "" ? "" : `<text class="label" x="${across}" y="${up - 8}" text-anchor="middle">${label}</text>`}`;
  });
  return `<g class="${styles.join(" ")}"><title>${escaped(name)}</title><polyline points="${path}"/>${marks.join("")}</g>`;
}

function rounded(place: number): number {
  return Math.round(place * 10) / 10;
}

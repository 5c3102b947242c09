import { escaped } from "../html-page.js";
import { layOut, rowsOf } from "./interval-layout.js";
import type { Operation } from "./operation.js";
import { operationLabel, operationName, shortened, shown } from "./wording.js";

/** Of one character and of one row, in CSS pixels. */
const COLUMN_WIDTH = 7.3;
const ROW_HEIGHT = 26;

/** What a picture on a page shows. */
export interface Drawing {
  readonly operations: readonly Operation[];
  /** Operations that have a place in the order are numbered by it. */
  readonly order: readonly Operation[];
  readonly culprit: Operation | null;
}

/** The intervals of operations as SVG, a row a process, with the names of the processes beside it. */
export function pagePicture({ operations, order, culprit }: Drawing): string {
  const lastLine = Math.max(...operations.map(({ callLine, returnLine }) => returnLine ?? callLine));
  const places = new Map(order.map((operation, index) => [operation, index + 1]));
  const label = (operation: Operation) => {
    const place = places.get(operation);
    return `${place === undefined ? "" : `${place}. `}${operationLabel(operation, 36)}`;
  };
  const bars = layOut(operations, lastLine, label);
  const rows = [...rowsOf(bars)];
  const width = Math.ceil((Math.max(...bars.map(({ to }) => to)) + 2) * COLUMN_WIDTH);
  const names = rows.map(([client]) => `<li>process ${escaped(shown(client))}</li>`).join("");
  const drawn = rows.map(([, own], row) => {
    const middle = row * ROW_HEIGHT + ROW_HEIGHT / 2;
    const line = `<line class="row" x1="0" x2="${width}" y1="${middle}" y2="${middle}"/>`;
    return line + own.map((bar) => barOf(bar, row, classOf(bar.operation, places, culprit))).join("");
  });
  const height = rows.length * ROW_HEIGHT;
  return `<div class="picture"><ul class="names">${names}</ul><div class="scroll"><svg role="img" aria-label="Intervals of the operations, a row a process" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${drawn.join("\n")}</svg></div></div>`;
}

function classOf(operation: Operation, places: ReadonlyMap<Operation, number>, culprit: Operation | null): string {
  if (operation === culprit) return "culprit";
  const kind = operation.returnLine === null ? "open" : "bar";
  return places.has(operation) ? kind : `${kind} unordered`;
}

function barOf(bar: ReturnType<typeof layOut>[number], row: number, className: string): string {
  const x = rounded(bar.from * COLUMN_WIDTH + 2);
  const width = rounded((bar.to - bar.from) * COLUMN_WIDTH);
  const y = row * ROW_HEIGHT;
  const title = escaped(
    `${operationName(bar.operation)}${bar.operation.result === "" ? "" : `: ${shortened(bar.operation.result, 200)}`}`,
  );
  return `<g${className === "culprit" ? ' id="culprit"' : ""}><title>${title}</title><rect class="${className}" x="${x}" y="${y + 3}" width="${width}" height="${ROW_HEIGHT - 6}" rx="4"/><text x="${rounded(x + width / 2)}" y="${y + 17}" text-anchor="middle">${escaped(bar.label)}</text></g>`;
}

function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

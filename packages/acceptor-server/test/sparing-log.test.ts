import type { FastifyBaseLogger } from "fastify";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SparingLog } from "../src/node/sparing-log.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A log and the lines that came to it. */
function recorded() {
  const lines: string[] = [];
  const keep = (_fields: object, text: string) => void lines.push(text);
  const log = new SparingLog({ warn: keep, error: keep } as unknown as FastifyBaseLogger, { lines: 2, everyMs: 1000 });
  const write = (kind: string, count: number) => {
    for (let line = 1; line <= count; line++) log.write("warn", kind, {}, `${kind} ${line}`);
  };
  return { lines, log, write };
}

test("the first lines of a kind are written, and the others counted in one line later", () => {
  const { lines, write } = recorded();
  write("noise", 1000);
  write("rare", 1);
  expect(lines).toEqual(["noise 1", "noise 2", "rare 1"]);
  vi.advanceTimersByTime(1000);
  expect(lines.slice(3)).toEqual(['998 more of the kind "noise"']);
});

test("after that it begins anew", () => {
  const { lines, write } = recorded();
  write("noise", 3);
  vi.advanceTimersByTime(1000);
  write("noise", 1);
  expect(lines.at(-1)).toBe("noise 1");
});

test("what was left out is said when the log closes", () => {
  const { lines, log, write } = recorded();
  write("noise", 5);
  log.close();
  expect(lines.at(-1)).toBe('3 more of the kind "noise"');
});

test("nothing is said of what did not happen", () => {
  const { lines, write } = recorded();
  write("noise", 2);
  vi.advanceTimersByTime(10_000);
  expect(lines).toEqual(["noise 1", "noise 2"]);
});

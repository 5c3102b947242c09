import { describe, expect, test } from "vitest";
import { Deadlines } from "../../src/log/deadlines.ts";

/** Deadlines, and the timers that they have set. */
function stage() {
  const timers = new Map<string, number>();
  let set = 0;
  const deadlines = new Deadlines((timer, afterMs) => {
    if (afterMs === null) timers.delete(timer);
    else timers.set(timer, afterMs);
    if (afterMs !== null) set++;
  });
  const goOff = (timer: string) => {
    expect(timers.delete(timer), timer).toBe(true);
    return deadlines.timeout(timer);
  };
  return { deadlines, timers, goOff, timersSet: () => set };
}

describe("the deadlines of requests", () => {
  test("that begin in one moment with the same time share a timer; with another time they have another", () => {
    const { deadlines, timers, goOff } = stage();
    deadlines.begin("a", 1000);
    deadlines.begin("b", 200);
    deadlines.begin("c", 1000);
    expect([...timers.values()]).toEqual([1000, 200]);
    expect(goOff("deadline 1")).toEqual(["a", "c"]);
    expect(goOff("deadline 2")).toEqual(["b"]);
  });

  test("that begin in another moment have a timer of their own, as they have longer", () => {
    const { deadlines, timers, goOff } = stage();
    deadlines.begin("a", 1000);
    deadlines.momentIsOver();
    deadlines.begin("b", 1000);
    expect(timers.size).toBe(2);
    expect(goOff("deadline 1")).toEqual(["a"]);
  });

  test("leave out who was answered, and take the timer back when all were", () => {
    const { deadlines, timers, goOff } = stage();
    for (const name of ["a", "b"]) deadlines.begin(name, 1000);
    deadlines.momentIsOver();
    deadlines.end("a");
    expect(timers.size).toBe(1);
    expect(goOff("deadline 1")).toEqual(["b"]);
    for (const name of ["c", "d"]) deadlines.begin(name, 1000);
    for (const name of ["c", "d", "c"]) deadlines.end(name);
    expect(timers.size).toBe(0);
  });

  test("of whoever begins after all others of its moment were answered have a timer that runs", () => {
    const { deadlines, timers, goOff } = stage();
    deadlines.begin("a", 1000);
    deadlines.end("a");
    deadlines.begin("b", 1000);
    expect([...timers]).toEqual([["deadline 2", 1000]]);
    expect(goOff("deadline 2")).toEqual(["b"]);
  });

  test("of whoever begins after the timer of its moment went off have one that runs: moments may be long", () => {
    const { deadlines, timers, goOff } = stage();
    deadlines.begin("a", 1);
    expect(goOff("deadline 1")).toEqual(["a"]);
    deadlines.end("a");
    deadlines.begin("b", 1);
    expect([...timers]).toEqual([["deadline 2", 1]]);
    expect(goOff("deadline 2")).toEqual(["b"]);
  });

  test("know their own timers: another one means nothing to them, and none twice", () => {
    const { deadlines, goOff } = stage();
    deadlines.begin("a", 5);
    expect(deadlines.timeout("retry")).toEqual([]);
    goOff("deadline 1");
    expect(deadlines.timeout("deadline 1")).toEqual([]);
  });

  test("of a thousand requests at once cost one timer", () => {
    const { deadlines, timersSet } = stage();
    for (let number = 0; number < 1000; number++) deadlines.begin(`r${number}`, 2000);
    for (let number = 0; number < 1000; number++) deadlines.end(`r${number}`);
    expect(timersSet()).toBe(1);
  });
});

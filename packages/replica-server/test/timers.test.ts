import { stat } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { Timers } from "../src/host/timers.ts";
import { until } from "./cluster-stage.ts";
import { faultsOf } from "./stream-stage.ts";

function stage(whilePaused?: () => Promise<void> | null) {
  const wentOff: string[] = [];
  const timers = new Timers((timer) => wentOff.push(timer), whilePaused);
  onTestFinished(() => timers.clear());
  return { timers, wentOff };
}

/** Lets everything happen that has arrived by now. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a timer of no length", () => {
  test("goes off after all that has arrived by now is heard, and not inside the step that sets it", async () => {
    const { timers, wentOff } = stage();
    timers.set("moment", 0);
    expect(wentOff).toEqual([]);
    await Promise.resolve().then(() => wentOff.push("what arrived"));
    await settle();
    expect(wentOff).toEqual(["what arrived", "moment"]);
  });

  test("goes off once, however often it is set in a moment, and not if it is taken back", async () => {
    const { timers, wentOff } = stage();
    timers.set("moment", 0);
    timers.set("moment", 0);
    timers.set("other", 0);
    timers.set("other", null);
    await settle();
    await settle();
    expect(wentOff).toEqual(["moment"]);
  });

  test("is set again by what it leads to, for the next moment", async () => {
    let count = 0;
    const timers: Timers = new Timers((timer) => {
      if (++count < 3) timers.set(timer, 0);
    });
    timers.set("moment", 0);
    await until("it went off three times", () => count === 3);
  });

  test("takes the place of a longer one of its name, and the other way round", async () => {
    const { timers, wentOff } = stage();
    timers.set("one", 10_000);
    timers.set("one", 0);
    timers.set("two", 0);
    timers.set("two", 10_000);
    await settle();
    await settle();
    expect(wentOff).toEqual(["one"]);
  });

  test("waits for a node that is paused; one that is set anew or taken back meanwhile does not go off twice", async () => {
    const faults = faultsOf("a");
    const { timers, wentOff } = stage(() => faults.whilePaused());
    await faults.add("pause a");
    for (const timer of ["kept", "anew", "back"]) timers.set(timer, 0);
    await settle();
    expect(wentOff).toEqual([]);
    timers.set("anew", 0);
    timers.set("back", null);
    faults.heal();
    await settle();
    await settle();
    expect(wentOff.sort()).toEqual(["anew", "kept"]);
  });

  test("does not go off after all are cleared", async () => {
    const { timers, wentOff } = stage();
    timers.set("moment", 0);
    timers.set("longer", 1);
    timers.clear();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await settle();
    expect(wentOff).toEqual([]);
  });
});

test("a timer of some length goes off once that has passed", async () => {
  const { timers, wentOff } = stage();
  timers.set("soon", 1);
  await until("it went off", () => wentOff.length > 0);
  await settle();
  expect(wentOff).toEqual(["soon"]);
});

describe("a process that stood still", () => {
  test("hears what arrived meanwhile before its timers go off: a heartbeat among it takes an election back", async () => {
    const { timers, wentOff } = stage();
    timers.set("election", 20);
    timers.set("other", 20);
    // Read while the process stands still, and heard after that.
    stat(".", () => timers.set("election", null));
    standStillMs(300);
    await until("the other timer went off", () => wentOff.includes("other"));
    expect(wentOff).toEqual(["other"]);
  });
});

function standStillMs(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

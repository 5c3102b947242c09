import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Admission, type AdmissionLimits } from "../src/node/admission.ts";
import type { NotServed } from "../src/node/refusals.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setImmediate", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Someone who asks, and what became of it. */
interface Asker {
  fate: "waits" | "let in" | NotServed["code"];
  gone: boolean;
}

function asks(admission: Admission): Asker {
  const asker: Asker = { fate: "waits", gone: false };
  if (admission.entersAtOnce()) {
    asker.fate = "let in";
    return asker;
  }
  admission.lineUp({
    go: (refusal) => {
      asker.fate = refusal?.code ?? "let in";
    },
    hasGone: () => asker.gone,
  });
  return asker;
}

function manyAsk(admission: Admission, count: number): Asker[] {
  return Array.from({ length: count }, () => asks(admission));
}

function count(askers: readonly Asker[], fate: Asker["fate"]): number {
  return askers.filter((asker) => asker.fate === fate).length;
}

const exactly = (places: number): Partial<AdmissionLimits> => ({ least: places, most: places });

describe("a server that is asked for more than it can do", () => {
  test("lets in so many at once, and the others in their order as places become free", () => {
    const admission = new Admission(exactly(2));
    const [first, second, third, fourth] = manyAsk(admission, 4) as [Asker, Asker, Asker, Asker];
    expect([first.fate, second.fate, third.fate, fourth.fate]).toEqual(["let in", "let in", "waits", "waits"]);
    admission.leave(1);
    vi.advanceTimersByTime(1);
    expect([third.fate, fourth.fate, admission.underWay, admission.inLine]).toEqual(["let in", "waits", 2, 1]);
  });

  test("lets nobody pass those who wait", () => {
    const admission = new Admission(exactly(1));
    const [, waiting] = manyAsk(admission, 2) as [Asker, Asker];
    admission.leave(1);
    expect(asks(admission).fate).toBe("waits");
    vi.advanceTimersByTime(1);
    expect(waiting.fate).toBe("let in");
  });

  test("refuses whoever waited too long, and nobody before that", () => {
    const admission = new Admission({ ...exactly(1), patienceMs: 500 });
    const [, waiting] = manyAsk(admission, 2) as [Asker, Asker];
    vi.advanceTimersByTime(480);
    expect(waiting.fate).toBe("waits");
    vi.advanceTimersByTime(40);
    expect([waiting.fate, admission.underWay, admission.inLine]).toEqual(["overloaded", 1, 0]);
  });

  test("spends little on refusing: so many in a second, while the others wait on and may still be let in", () => {
    const admission = new Admission({ ...exactly(1), patienceMs: 100, refusalsPerSecond: 100 });
    const askers = manyAsk(admission, 1001);
    vi.advanceTimersByTime(1100);
    expect(count(askers, "overloaded")).toBeGreaterThan(80);
    expect(count(askers, "overloaded")).toBeLessThanOrEqual(110);
    admission.leave(1);
    vi.advanceTimersByTime(1);
    expect(count(askers, "let in")).toBe(2);
  });

  test("refuses at once where the line is as long as it may be, before the request is read", () => {
    const admission = new Admission({ ...exactly(1), line: 3 });
    manyAsk(admission, 3);
    expect(admission.refusal).toBeNull();
    asks(admission);
    expect(admission.refusal?.code).toBe("overloaded");
    expect(asks(admission).fate).toBe("overloaded");
    expect(admission.inLine).toBe(3);
  });

  test("gives no place to those who went away while they waited", () => {
    const admission = new Admission(exactly(1));
    const [, gone, here] = manyAsk(admission, 3) as [Asker, Asker, Asker];
    gone.gone = true;
    admission.leave(1);
    vi.advanceTimersByTime(1);
    expect([gone.fate, here.fate, admission.underWay]).toEqual(["waits", "let in", 1]);
  });

  test("that stops refuses those who wait and those who come", () => {
    const admission = new Admission(exactly(1));
    const [inside, waiting] = manyAsk(admission, 2) as [Asker, Asker];
    admission.close();
    expect([inside.fate, waiting.fate, admission.refusal?.code]).toEqual(["let in", "stopping", "stopping"]);
  });
});

describe("how many are let in", () => {
  const limits = { least: 10, most: 2000, targetMs: 500 };

  /** So many answers that took so long, each over such a time that something is learned of them. */
  function answers(admission: Admission, times: number, ms: number | null): void {
    for (let time = 0; time < times; time++) {
      admission.entersAtOnce();
      vi.advanceTimersByTime(10);
      admission.leave(ms);
    }
  }

  test("follows from how long answers take: half as many where they take twice as long as they should", () => {
    const admission = new Admission(limits);
    const before = admission.allowed;
    answers(admission, 16, 1000);
    expect(admission.allowed).toBe(before / 2);
  });

  test("never falls below a bound, however slow the machine is", () => {
    const admission = new Admission(limits);
    answers(admission, 500, 60_000);
    expect(admission.allowed).toBe(10);
  });

  test("rises while quick answers and a line show that there is room, up to a bound", () => {
    const admission = new Admission(limits);
    answers(admission, 500, 60_000);
    for (let round = 0; round < 500; round++) {
      manyAsk(admission, 10);
      answers(admission, 1, 1);
    }
    expect(admission.allowed).toBe(2000);
  });

  test("stays as it is while nobody waits", () => {
    const admission = new Admission(limits);
    const before = admission.allowed;
    answers(admission, 500, 1);
    expect(admission.allowed).toBe(before);
  });

  test("is not changed by requests that were refused: a missing leader says nothing of this machine", () => {
    const admission = new Admission(limits);
    const before = admission.allowed;
    manyAsk(admission, before + 1000);
    answers(admission, 500, null);
    expect(admission.allowed).toBe(before);
  });
});
